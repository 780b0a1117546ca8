#pragma once
// A file on its way to its name: written beside it, and renamed when it is whole. Who looks at the final name sees the
// old file or the new one, never a part.

#include <cstdint>
#include <string>
#include <string_view>

#include "partition/io/unfinished.hpp"

namespace gasket {

/// "-" and "/dev/stdout".
bool names_standard_output(std::string_view path);

class PendingFile {
 public:
  /// Starts a temporary file beside `path` (beside what it points to, when it is a symbolic link). A `path` that is a
  /// pipe or a device cannot be replaced by renaming: it is written to directly; "-" and /dev/stdout are standard
  /// output, wherever that leads. Throws InputError, with the path and the system's words, when the folder is missing
  /// or not writable or `path` is a folder; ResourceError when the disk is full.
  explicit PendingFile(std::string path);
  /// Removes the temporary file unless publish() has succeeded.
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// The name as it was given, for messages.
  const std::string& path() const { return path_; }
  /// False when `path` is a pipe or a device: then only append works.
  bool replaces() const { return !temporary_.empty(); }

  /// Writes all bytes behind what append has written before. Throws ResourceError when the disk is full or fails.
  void append(std::string_view bytes);
  /// Writes all bytes from `position` on; does not move append.
  void write_at(std::uint64_t position, std::string_view bytes);
  /// Brings the content to the disk, gives the file its final name and brings that to the disk. Call it once. Throws
  /// ResourceError or InputError, and then the final name is as it was.
  void publish();

 private:
  [[noreturn]] void fail(const char* action, int error) const;

  std::string path_;
  std::string target_;     // what is replaced
  std::string temporary_;  // empty: written directly
  Unfinished unfinished_;
  int file_ = -1;
};

}  // namespace gasket

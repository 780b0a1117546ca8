#pragma once
// Text that has its final name only when it is whole: buffered, on request compressed, on top of a pending file.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "partition/io/pending_file.hpp"

namespace gasket {

class AtomicFile {
 public:
  /// Starts a temporary file beside `path`; a name that ends in .gz or .zst compresses. Throws InputError, with the
  /// path and the system's words, when the folder is missing or not writable or `path` is a folder. A pipe or a device
  /// (/dev/null, /dev/stdout) is written to directly.
  explicit AtomicFile(const std::string& path);
  /// Removes the temporary file unless commit() has succeeded.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends, buffered. Throws ResourceError when the disk is full.
  void write(std::string_view bytes);
  /// Bytes written so far, before compression.
  std::size_t size() const { return size_; }
  /// Flushes, syncs the file, renames it and syncs the folder. Call it once, last.
  void commit();

 private:
  class Encoder;
  class Gzip;
  class Zstd;
  void put(std::string_view plain);

  PendingFile file_;
  std::string buffer_;
  std::size_t size_ = 0;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace gasket

#pragma once
// A file that has its final name only when it is whole: written beside it, synced, then renamed.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gasket {

class AtomicFile {
 public:
  /// Starts a temporary file beside `path`; a name that ends in .gz or .zst compresses. Throws InputError, with the path and the
  /// system's words, when the folder is missing or not writable or `path` is a folder.
  explicit AtomicFile(const std::string& path);
  /// Removes the temporary file unless commit() has succeeded.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends, buffered. Throws ResourceError when the disk is full.
  void write(std::string_view bytes);
  /// Writes over earlier bytes of an uncompressed file (a header that is known last).
  void write_at(std::size_t position, std::string_view bytes);
  /// Bytes written so far, before compression.
  std::size_t size() const { return size_; }
  /// Flushes, syncs the file, renames it and syncs the folder.
  void commit();

 private:
  class Encoder;
  struct Gzip;
  struct Zstd;
  void flush();
  void put(std::string_view bytes);
  [[noreturn]] void fail(const char* action) const;

  std::string path_;
  std::string temporary_;
  int file_ = -1;
  std::string buffer_;
  std::size_t size_ = 0;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace gasket

#pragma once
// A file that is only read, by position, from several threads at once. All ways in which opening or reading can fail
// become an InputError that begins with the path.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace gasket::text {

class InputFile {
 public:
  /// `expected` completes the message "PATH: is a directory, expected ...".
  InputFile(std::string path, const std::string& expected);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  const std::string& path() const { return path_; }
  /// Bytes, as they were when the file was opened.
  std::uint64_t size() const { return size_; }
  /// Fills `bytes` from `offset` on, as far as the file had bytes when it was opened; returns how many.
  std::size_t read_at(std::uint64_t offset, std::span<char> bytes) const;

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// True when `path` names something that can be read as a file.
bool file_exists(const std::string& path);

}  // namespace gasket::text

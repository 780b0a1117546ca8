#pragma once
// A text file line by line, plain, gzip or zstd: for small formats and result files. Edge lists have faster ways.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "partition/big_array.hpp"
#include "partition/io/text/byte_stream.hpp"

namespace gasket {

class LineReader {
 public:
  /// `expected` completes the message "PATH: is a directory, expected ...". Throws InputError when the file cannot be
  /// opened.
  LineReader(const std::string& path, const std::string& expected);

  /// Sets `line` to the next line, without its "\n" or "\r\n", until the next call; false at the end of the file.
  /// Throws InputError for a line of more than a megabyte (a binary file) and for damaged or truncated compressed data.
  bool next(std::string_view& line);
  /// Of the line that next() gave last; the first is 1.
  std::uint64_t line_number() const { return number_; }
  const std::string& path() const { return file_.path(); }
  /// Throws InputError "PATH:LINE: message" about the line that next() gave last.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  bool refill();

  text::InputFile file_;
  std::unique_ptr<text::ByteStream> stream_;
  BigArray<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what has been read and not given
  std::uint64_t number_ = 0;
};

}  // namespace gasket

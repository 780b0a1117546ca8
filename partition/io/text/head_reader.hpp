#pragma once
// The first lines of a text: what a format says about itself before its data begins.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "partition/io/text/byte_stream.hpp"

namespace gasket::text {

/// Lines of a file one after the other, plain or compressed, with little more than one of them in memory. A byte order
/// mark is skipped.
class HeadReader {
 public:
  /// `file` must outlive the reader.
  HeadReader(const InputFile& file, Compression compression);

  /// The next line without its line end, or its first kMaxLine + 1 bytes when it is longer than that; false at the end.
  bool next(std::string_view& line);
  /// Where the last line began; after the end, the length of the text.
  std::uint64_t offset() const { return dropped_ + begin_; }
  /// Where the line after it begins.
  std::uint64_t next_offset() const { return dropped_ + after_; }
  /// Of the last line; the first is 1. After the end, one more than there are lines.
  std::uint64_t line_number() const { return number_; }
  const std::string& path() const { return file_.path(); }
  /// Throws InputError "PATH:LINE: message" about the last line.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  bool fetch();

  const InputFile& file_;
  std::unique_ptr<ByteStream> stream_;
  std::string text_;
  std::uint64_t dropped_ = 0;
  std::uint64_t number_ = 0;
  std::size_t begin_ = 0;
  std::size_t after_ = 0;
};

/// The words of a line, between blanks.
std::string_view next_word(std::string_view& line);

}  // namespace gasket::text

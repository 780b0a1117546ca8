#include "partition/io/text/text_file.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "partition/error.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_header(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return !line.empty() &&
         (std::isalpha(static_cast<unsigned char>(line.front())) != 0 || line.front() == '_' || line.front() == '"');
}

int count_columns(std::string_view line) {
  line = without_carriage_return(line);
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at != end && is_blank(*at)) ++at;
  int columns = 0;
  while (at != end) {
    if (!is_separator(*at)) ++columns;
    while (at != end && !is_separator(*at)) ++at;
    read_separator(at, end);
  }
  return columns;
}

// Lines of a stream one after the other, with only one of them in memory.
class LineReader {
 public:
  explicit LineReader(ByteStream& stream) : stream_(stream) {}

  /// The next line without its line end, or its first kMaxLine + 1 bytes when it is longer than that; false at the end.
  bool next(std::string_view& line) {
    begin_ = after_;
    std::size_t stop = text_.find('\n', begin_);
    while (stop == std::string::npos && text_.size() - begin_ <= kMaxLine && fetch()) stop = text_.find('\n', begin_);
    if (begin_ == text_.size()) return false;
    after_ = stop == std::string::npos ? text_.size() : stop + 1;
    line = std::string_view(text_).substr(begin_, stop == std::string::npos ? stop : stop - begin_);
    return true;
  }

  /// Where the last line began; after the end, the length of the text.
  std::uint64_t offset() const { return dropped_ + begin_; }
  void skip(std::size_t bytes) { after_ = begin_ + bytes; }

 private:
  bool fetch() {
    text_.erase(0, begin_);
    dropped_ += begin_;
    begin_ = 0;
    const std::size_t before = text_.size();
    text_.resize(before + kPiece);
    text_.resize(before + stream_.read({text_.data() + before, kPiece}));
    return text_.size() > before;
  }

  ByteStream& stream_;
  std::string text_;
  std::uint64_t dropped_ = 0;
  std::size_t begin_ = 0;
  std::size_t after_ = 0;
};

}  // namespace

TextFile open_text_file(const std::string& path, const std::string& expected, bool header) {
  TextFile text{.file = InputFile(path, expected)};
  text.compression = detect_compression(text.file);
  const std::unique_ptr<ByteStream> stream = open_stream(text.file, text.compression);
  LineReader lines(*stream);
  std::string_view line;
  while (lines.next(line)) {
    if (lines.offset() == 0 && line.starts_with(kByteOrderMark)) {
      lines.skip(kByteOrderMark.size());
      continue;
    }
    if (line.starts_with("%%MatrixMarket"))
      throw InputError(
          fmt::format("{}: is a Matrix Market file, which gasket does not read; without its banner and its line of "
                      "sizes it is an edge list",
                      path));
    if (is_skipped(line)) continue;
    if (header && is_header(line)) {
      header = false;
      continue;
    }
    text.columns = count_columns(line);
    break;
  }
  text.data_begin = lines.offset();
  return text;
}

}  // namespace gasket::text

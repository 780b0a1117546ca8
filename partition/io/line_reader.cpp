#include "partition/io/line_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "partition/error.hpp"
#include "partition/io/text/line.hpp"

namespace gasket {

LineReader::LineReader(const std::string& path, const std::string& expected)
    : file_(path, expected),
      stream_(text::open_stream(file_, text::detect_compression(file_))),
      buffer_(2 * text::kMaxLine) {}

bool LineReader::next(std::string_view& line) {
  ++number_;
  for (std::size_t searched = 0;;) {
    const char* const start = buffer_.data() + begin_;
    const std::size_t have = end_ - begin_;
    if (const void* found = have == searched ? nullptr : std::memchr(start + searched, '\n', have - searched)) {
      line = {start, static_cast<std::size_t>(static_cast<const char*>(found) - start)};
      begin_ += line.size() + 1;
      break;
    }
    searched = have;
    if (searched > text::kMaxLine) fail(fmt::format("expected a line of at most {} bytes", text::kMaxLine));
    if (refill()) continue;
    if (begin_ == end_) return false;
    line = {start, end_ - begin_};  // the last line has no end
    begin_ = end_;
    break;
  }
  line = text::without_carriage_return(line);
  return true;
}

// Moves the rest to the front and reads behind it; false at the end of the file.
bool LineReader::refill() {
  std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  end_ -= begin_;
  begin_ = 0;
  const std::size_t got = stream_->read(buffer_.span().subspan(end_));
  end_ += got;
  return got > 0;
}

void LineReader::fail(const std::string& message) const {
  throw InputError(fmt::format("{}:{}: {}", path(), number_, message));
}

}  // namespace gasket

#include "partition/io/text/head_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "partition/error.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

HeadReader::HeadReader(const InputFile& file, Compression compression)
    : file_(file), stream_(open_stream(file, compression)) {}

bool HeadReader::next(std::string_view& line) {
  begin_ = after_;
  ++number_;
  std::size_t stop = text_.find('\n', begin_);
  while (stop == std::string::npos && text_.size() - begin_ <= kMaxLine && fetch()) stop = text_.find('\n', begin_);
  if (number_ == 1 && text_.starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
  if (begin_ == text_.size()) {
    after_ = begin_;
    return false;
  }
  after_ = stop == std::string::npos ? text_.size() : stop + 1;
  line =
      without_carriage_return(std::string_view(text_).substr(begin_, stop == std::string::npos ? stop : stop - begin_));
  return true;
}

bool HeadReader::fetch() {
  text_.erase(0, begin_);
  dropped_ += begin_;
  begin_ = 0;
  const std::size_t before = text_.size();
  text_.resize(before + kPiece);
  text_.resize(before + stream_->read({text_.data() + before, kPiece}));
  return text_.size() > before;
}

void HeadReader::fail(const std::string& message) const {
  throw InputError(fmt::format("{}:{}: {}", path(), number_, message));
}

std::string_view next_word(std::string_view& line) {
  const auto begin = std::ranges::find_if_not(line, is_blank);
  const auto end = std::find_if(begin, line.end(), is_blank);
  const std::string_view word(begin, end);
  line = {end, line.end()};
  return word;
}

}  // namespace gasket::text

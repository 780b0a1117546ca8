// PGM: "P2" or "P5", width, height and the value of white, in text with comments from # to the end of a line; then the
// pixels, in text (P2) or as one or two bytes each, the high one first (P5).

#include <fmt/format.h>

#include <algorithm>

#include "apps/image/image.hpp"
#include "partition/error.hpp"

namespace gasket {
namespace {

class PgmReader {
 public:
  PgmReader(const std::string& path, std::string_view bytes) : path_(path), bytes_(bytes) {}

  ReadImage read() {
    const bool text = bytes_.starts_with("P2");
    if (!text && !bytes_.starts_with("P5"))
      throw InputError(fmt::format("{}: is neither a PNG nor a PGM picture (which begins with P2 or P5)", path_));
    at_ = 2;
    ReadImage read;
    GreyImage& image = read.image;
    image.width = number("the width", 1, kMaxPixels);
    image.height = number("the height", 1, kMaxPixels);
    white_ = number("the value of white", 1, 65535);
    if (image.width * image.height > kMaxPixels)
      fail(fmt::format("has {} x {} pixels; at most {} can be taken", image.width, image.height, kMaxPixels));
    if (text)
      read_text(image);
    else
      read_bytes(image);
    if (white_ != 255) read.notice = fmt::format("values from 0 to {} are taken as 0 to 255", white_);
    return read;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    InputError error(fmt::format("{}:{}: {}", path_, line_, what));
    error.set_place(line_);
    throw error;
  }
  bool done() const { return at_ == bytes_.size(); }
  static bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  void skip_blanks() {
    for (bool comment = false; !done(); ++at_) {
      const char c = bytes_[at_];
      if (c == '\n') {
        ++line_;
        comment = false;
      } else if (c == '#') {
        comment = true;
      } else if (!comment && !blank(c)) {
        return;
      }
    }
  }
  std::uint64_t number(std::string_view what, std::uint64_t lowest, std::uint64_t highest) {
    const std::size_t before = at_;
    skip_blanks();
    if (done()) fail(fmt::format("the file ends where {} should be", what));
    std::uint64_t value = 0;
    const std::size_t begin = at_;
    for (; !done() && bytes_[at_] >= '0' && bytes_[at_] <= '9' && value <= highest; ++at_)
      value = 10 * value + static_cast<std::uint64_t>(bytes_[at_] - '0');
    const bool ends = done() || blank(bytes_[at_]) || bytes_[at_] == '#';
    if (begin == before || at_ == begin || !ends || value < lowest || value > highest) {
      const auto word = bytes_.substr(begin, 20);
      const std::size_t end = std::min(word.find_first_of(" \t\r\n\v\f#"), word.size());
      fail(fmt::format("{} should be a number from {} to {}, not '{}'", what, lowest, highest, word.substr(0, end)));
    }
    return value;
  }
  std::uint8_t to_grey(std::uint64_t value) const {
    return static_cast<std::uint8_t>((2 * value * 255 + white_) / (2 * white_));
  }

  void read_text(GreyImage& image) {
    // Two characters per pixel at least: a header alone can not ask for memory.
    if ((bytes_.size() - at_) / 2 < image.width * image.height)
      fail(fmt::format("the file ends before {} pixels", image.width * image.height));
    image.pixels.resize(image.width * image.height);
    for (std::uint8_t& pixel : image.pixels) pixel = to_grey(number("a pixel", 0, white_));
    skip_blanks();
    if (!done()) fail(fmt::format("there is more behind {} pixels", image.pixels.size()));
  }
  void read_bytes(GreyImage& image) {
    if (done() || !blank(bytes_[at_])) fail("one blank is expected before the pixels");
    ++at_;
    const std::size_t width = white_ > 255 ? 2 : 1, count = image.width * image.height;
    if (bytes_.size() - at_ != count * width)
      fail(fmt::format("{} bytes of pixels are expected behind this line, the file has {}", count * width,
                       bytes_.size() - at_));
    image.pixels.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t value = 0;
      for (std::size_t b = 0; b < width; ++b) value = value << 8 | static_cast<std::uint8_t>(bytes_[at_++]);
      if (value > white_) fail(fmt::format("pixel {} is {}, more than white, {}", i + 1, value, white_));
      image.pixels[i] = to_grey(value);
    }
  }

  const std::string& path_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1, white_ = 255;
};

}  // namespace

ReadImage decode_pgm(const std::string& path, std::string_view bytes) { return PgmReader(path, bytes).read(); }

std::string encode_pgm(const GreyImage& image) {
  std::string bytes = fmt::format("P5\n{} {}\n255\n", image.width, image.height);
  bytes.append(image.pixels.begin(), image.pixels.end());
  return bytes;
}

}  // namespace gasket

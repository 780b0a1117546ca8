// PNG through libpng's simplified interface, which brings every kind of PNG to 8-bit grey and reports errors in words.

#include <fmt/format.h>
#include <png.h>

#include <cstring>
#include <memory>

#include "apps/image/image.hpp"
#include "partition/error.hpp"

namespace gasket {
namespace {

using Guard = std::unique_ptr<png_image, void (*)(png_image*)>;

std::string words(const png_image& png) { return png.message[0] == '\0' ? "unknown error" : png.message; }

std::string notice_of(png_uint_32 format) {
  std::string notice;
  const auto add = [&](const char* what) { notice += (notice.empty() ? "" : ", ") + std::string(what); };
  if ((format & PNG_FORMAT_FLAG_COLOR) != 0) add("colours are taken as grey");
  if ((format & PNG_FORMAT_FLAG_ALPHA) != 0) add("what is transparent is taken as white");
  if ((format & PNG_FORMAT_FLAG_LINEAR) != 0) add("16 bits are rounded to 8");
  return notice;
}

}  // namespace

bool is_png(std::string_view bytes) {
  return bytes.size() >= 8 && png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) == 0;
}

ReadImage decode_png(const std::string& path, std::string_view bytes) {
  png_image png;
  std::memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  const Guard guard(&png, &png_image_free);
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0)
    throw InputError(fmt::format("{}: is no PNG picture that can be read: {}", path, words(png)));
  ReadImage read;
  read.notice = notice_of(png.format);
  read.image.width = png.width;
  read.image.height = png.height;
  if (std::uint64_t{png.width} * png.height > kMaxPixels)
    throw InputError(
        fmt::format("{}: has {} x {} pixels; at most {} can be taken", path, png.width, png.height, kMaxPixels));
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  png.format = PNG_FORMAT_GRAY;
  read.image.pixels.resize(read.image.width * read.image.height);
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&png, &white, read.image.pixels.data(), 0, nullptr) == 0)
    throw InputError(fmt::format("{}: the PNG picture is damaged: {}", path, words(png)));
  return read;
}

std::string encode_png(const GreyImage& image) {
  png_image png;
  std::memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_GRAY;
  const Guard guard(&png, &png_image_free);
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(png), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0)
    throw ResourceError(fmt::format("the PNG picture can not be made: {}", words(png)));
  bytes.resize(size);
  return bytes;
}

}  // namespace gasket

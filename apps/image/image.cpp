#include "apps/image/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numbers>
#include <system_error>

#include "partition/error.hpp"
#include "partition/io/pending_file.hpp"
#include "partition/random.hpp"

namespace gasket {
namespace {

std::string content_of(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw InputError(fmt::format("{}: is a directory", path));
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: {}", path, std::generic_category().message(errno)));
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw InputError(fmt::format("{}: can not be read", path));
  return bytes;
}

std::uint8_t to_grey(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))); }

}  // namespace

ReadImage read_image(const std::string& path) {
  const std::string bytes = content_of(path);
  if (bytes.empty()) throw InputError(fmt::format("{}: is empty", path));
  return is_png(bytes) ? decode_png(path, bytes) : decode_pgm(path, bytes);
}

void check_image_name(std::string_view option, const std::string& path) {
  if (!path.ends_with(".png") && !path.ends_with(".pgm"))
    throw UsageError(fmt::format("--{} {}: the name must end in .png or .pgm", option, path));
}

void write_image(const std::string& path, const GreyImage& image) {
  PendingFile file(path);
  file.append(path.ends_with(".png") ? encode_png(image) : encode_pgm(image));
  file.publish();
}

GreyImage draw_shapes(std::size_t width, std::size_t height) {
  GreyImage image{width, height, std::vector<std::uint8_t>(width * height)};
  for (std::size_t row = 0; row < height; ++row)
    for (std::size_t col = 0; col < width; ++col) {
      // From 0 to 1 in both directions.
      const double x = (static_cast<double>(col) + 0.5) / static_cast<double>(width);
      const double y = (static_cast<double>(row) + 0.5) / static_cast<double>(height);
      double grey = 90 + 60 * x;                                                     // the ground
      if (std::hypot(x - 0.3, y - 0.32) < 0.2) grey = 225;                           // a disk
      if (std::hypot(x - 0.36, y - 0.28) < 0.07) grey = 30;                          // a hole in it
      if (x > 0.6 && x < 0.92 && y > 0.12 && y < 0.5) grey = 40;                     // a frame
      if (x > 0.66 && x < 0.86 && y > 0.19 && y < 0.43) grey = 150;                  // and what is in it
      if (std::abs(y - 0.95 + 0.35 * x) < 0.025) grey = 245;                         // a bar
      if (x > 0.1 && x < 0.9 && y > 0.86 && y < 0.96) grey = 255 * (x - 0.1) / 0.8;  // a slope
      image.pixels[row * width + col] = to_grey(grey);
    }
  return image;
}

void add_noise(GreyImage& image, double deviation, std::uint64_t seed) {
  const RandomStream random(seed, 77);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    // Box and Muller, Annals of Mathematical Statistics 29, 1958.
    const double radius = std::sqrt(-2 * std::log1p(-random_unit(random(2 * i))));
    const double normal = radius * std::cos(2 * std::numbers::pi * random_unit(random(2 * i + 1)));
    image.pixels[i] = to_grey(image.pixels[i] + deviation * normal);
  }
}

double estimate_noise(const GreyImage& image) {
  const std::size_t width = image.width, height = image.height;
  if (width < 3 || height < 3) return 0;
  constexpr int kMask[3][3] = {{1, -2, 1}, {-2, 4, -2}, {1, -2, 1}};
  std::int64_t sum = 0;
  for (std::size_t row = 0; row + 2 < height; ++row)
    for (std::size_t col = 0; col + 2 < width; ++col) {
      int left = 0;
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) left += kMask[i][j] * image.pixels[(row + i) * width + col + j];
      sum += std::abs(left);
    }
  return std::sqrt(std::numbers::pi / 2) * static_cast<double>(sum) /
         (6 * static_cast<double>(width - 2) * static_cast<double>(height - 2));
}

ImageError compare_images(const GreyImage& image, const GreyImage& reference, double threshold) {
  std::uint64_t squares = 0, sum = 0, off = 0;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const auto difference = static_cast<std::uint64_t>(std::abs(int{image.pixels[i]} - int{reference.pixels[i]}));
    squares += difference * difference;
    sum += difference;
    off += static_cast<double>(difference) > threshold ? 1 : 0;
  }
  const auto count = static_cast<double>(image.pixels.size());
  ImageError error;
  error.psnr = squares == 0 ? std::numeric_limits<double>::infinity()
                            : 10 * std::log10(255.0 * 255.0 * count / static_cast<double>(squares));
  error.mean = static_cast<double>(sum) / count;
  error.off = static_cast<double>(off) / count;
  return error;
}

}  // namespace gasket

#pragma once
// Grey pictures of 8 bits, from and to PNG and PGM files, and what is measured of them. A library of its own, without the
// engine.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gasket {

struct GreyImage {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> pixels;  // row by row, 0 is black
};

/// More are refused.
inline constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 28;

/// A picture, and what had to be done to have it in grey and 8 bits, in words for the user; empty when nothing had.
struct ReadImage {
  GreyImage image;
  std::string notice;
};

/// Reads a .png or .pgm (P2, P5) file; the content says which it is, not the name. Colours become grey, what is transparent
/// becomes white, more than 8 bits become 8. Throws InputError with the path, and for text with the line.
ReadImage read_image(const std::string& path);
/// Throws UsageError unless the name ends in .png or .pgm.
void check_image_name(std::string_view option, const std::string& path);
/// Writes a .png or .pgm (P5) file, as the name says. Throws UsageError for other names, InputError, ResourceError.
void write_image(const std::string& path, const GreyImage& image);

/// The formats behind them. `bytes` is a whole file.
bool is_png(std::string_view bytes);
ReadImage decode_png(const std::string& path, std::string_view bytes);
std::string encode_png(const GreyImage& image);
ReadImage decode_pgm(const std::string& path, std::string_view bytes);
std::string encode_pgm(const GreyImage& image);

/// A test picture: a disk, a bar, a frame and a slope from dark to light.
GreyImage draw_shapes(std::size_t width, std::size_t height);
/// Adds normally distributed noise; the same for the same seed.
void add_noise(GreyImage& image, double deviation, std::uint64_t seed);
/// The standard deviation of the noise in a picture, from what a mask that ignores edges and slopes leaves of it
/// (Immerkaer, Fast noise variance estimation, Computer Vision and Image Understanding 64, 1996). 0 below 3x3 pixels.
double estimate_noise(const GreyImage& image);

/// How far a picture is from another of the same size.
struct ImageError {
  double psnr = 0;  // peak signal to noise ratio in decibels; infinite for equal pictures
  double mean = 0;  // of absolute differences, in grey levels
  double off = 0;   // the part of the pixels that differ by more than the threshold
};
ImageError compare_images(const GreyImage& image, const GreyImage& reference, double threshold);

}  // namespace gasket

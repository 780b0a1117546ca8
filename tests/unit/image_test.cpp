// Pictures: what is written is read back; what PGM allows is read; what is no picture is refused with the place.
// ctest: LIBRARIES gasket_image PNG::PNG

#include "apps/image/image.hpp"

#include <png.h>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <fstream>

#include "partition/error.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;

namespace {

GreyImage pgm(const std::string& text) { return decode_pgm("x.pgm", text).image; }

std::string refusal(const std::string& text) {
  try {
    decode_pgm("x.pgm", text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

// A PNG of another kind than gasket writes.
template <class T>
std::string other_png(std::uint32_t width, std::uint32_t height, std::uint32_t format, const std::vector<T>& pixels) {
  png_image png;
  std::memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  png.width = width;
  png.height = height;
  png.format = format;
  std::string bytes(100'000, '\0');
  png_alloc_size_t size = bytes.size();
  REQUIRE(png_image_write_to_memory(&png, bytes.data(), &size, 0, pixels.data(), 0, nullptr) != 0);
  bytes.resize(size);
  return bytes;
}

}  // namespace

TEST_CASE("a picture comes back as it was") {
  const ScratchFolder folder;
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 9}, {130, 1}, {37, 53}}) {
    const GreyImage image = draw_shapes(static_cast<std::size_t>(width), static_cast<std::size_t>(height));
    for (const char* name : {"a.png", "a.pgm"}) {
      const std::string path = (folder.path() / name).string();
      write_image(path, image);
      const ReadImage read = read_image(path);
      CHECK(read.image.width == image.width);
      CHECK(read.image.height == image.height);
      CHECK(read.image.pixels == image.pixels);
      CHECK(read.notice.empty());
    }
  }
}

TEST_CASE("PGM with comments, other whites and two bytes") {
  CHECK(pgm("P2 2 1 255 7 255").pixels == std::vector<std::uint8_t>{7, 255});
  CHECK(pgm("P2\n# made by hand\n2 # wide\n1\n15\n0#black\n15\n# end").pixels == std::vector<std::uint8_t>{0, 255});
  CHECK(pgm("P2 3 1 65535 0 32768 65535").pixels == std::vector<std::uint8_t>{0, 128, 255});
  CHECK(pgm(std::string("P5 2 1 255 ab")).pixels == std::vector<std::uint8_t>{'a', 'b'});
  CHECK(pgm(std::string("P5\n2 1\n65535\n\x80\x00\xff\xff", 17)).pixels == std::vector<std::uint8_t>{128, 255});
  CHECK(decode_pgm("x", "P2 1 1 15 3").notice == "values from 0 to 15 are taken as 0 to 255");
}

TEST_CASE("what is no picture is refused with the place") {
  CHECK_THAT(refusal("P3 1 1 255 1 2 3"), Catch::Contains("x.pgm: is neither a PNG nor a PGM"));
  CHECK_THAT(refusal("P2"), Catch::Contains("x.pgm:1: the file ends where the width should be"));
  CHECK_THAT(refusal("P22 1 255 1 1"), Catch::Contains("the width should be"));
  CHECK_THAT(refusal("P2\n0 1 255"), Catch::Contains("x.pgm:2: the width should be a number from 1"));
  CHECK_THAT(refusal("P2\n2\n-1 255 1 1"), Catch::Contains("x.pgm:3: the height should be"));
  CHECK_THAT(refusal("P2 1 1 65536 1"), Catch::Contains("white should be a number from 1 to 65535, not '65536'"));
  CHECK_THAT(refusal("P2 2 1 255\n1\n256"),
             Catch::Contains("x.pgm:3: a pixel should be a number from 0 to 255, not '256'"));
  CHECK_THAT(refusal("P2 2 1 255\n1\n3x"), Catch::Contains("not '3x'"));
  CHECK_THAT(refusal("P2 2 1 255 1"), Catch::Contains("the file ends before 2 pixels"));
  CHECK_THAT(refusal("P2 1 1 255 1 1"), Catch::Contains("there is more behind 1 pixels"));
  CHECK_THAT(refusal("P2 99999 99999 255 1 1"), Catch::Contains("at most 268435456 can be taken"));
  CHECK_THAT(refusal("P2 9999 9999 255 1 1"), Catch::Contains("the file ends before"));
  CHECK_THAT(refusal("P5 3 1 255 ab"),
             Catch::Contains("3 bytes of pixels are expected behind this line, the file has 2"));
  CHECK_THAT(refusal("P5 1 1 255 ab"), Catch::Contains("the file has 2"));
  CHECK_THAT(refusal("P5 1 1 255"), Catch::Contains("one blank is expected"));
  CHECK_THAT(refusal("P5 1 1 15 z"), Catch::Contains("pixel 1 is 122, more than white, 15"));
}

TEST_CASE("other kinds of PNG become grey, damaged ones are refused") {
  const auto colours = decode_png("c.png", other_png<std::uint8_t>(2, 1, PNG_FORMAT_RGB, {255, 255, 255, 9, 9, 9}));
  CHECK(colours.image.pixels == std::vector<std::uint8_t>{255, 9});
  CHECK_THAT(colours.notice, Catch::Contains("colours are taken as grey"));
  const auto clear = decode_png("a.png", other_png<std::uint8_t>(2, 1, PNG_FORMAT_GA, {40, 255, 40, 0}));
  CHECK(clear.image.pixels == std::vector<std::uint8_t>{40, 255});
  CHECK_THAT(clear.notice, Catch::Contains("transparent"));
  const auto deep = decode_png("d.png", other_png<std::uint16_t>(2, 1, PNG_FORMAT_LINEAR_Y, {0, 65535}));
  CHECK(deep.image.pixels == std::vector<std::uint8_t>{0, 255});
  CHECK_THAT(deep.notice, Catch::Contains("16 bits"));

  const std::string whole = encode_png(draw_shapes(40, 40));
  for (std::size_t size = 8; size < whole.size() - 20; size += 13)
    CHECK_THROWS_AS(decode_png("t.png", whole.substr(0, size)), InputError);
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 0x55;
  CHECK_THROWS_AS(decode_png("t.png", damaged), InputError);
  CHECK_FALSE(is_png("P5 1 1 255"));
  CHECK_THROWS_AS(check_image_name("output", "a.jpg"), UsageError);
}

TEST_CASE("noise is what was asked for, and is measured") {
  const GreyImage clean = draw_shapes(300, 200);
  GreyImage same = clean, once = clean, again = clean, other = clean;
  add_noise(same, 0, 1);
  CHECK(same.pixels == clean.pixels);
  add_noise(once, 20, 1);
  add_noise(again, 20, 1);
  add_noise(other, 20, 2);
  CHECK(once.pixels == again.pixels);
  CHECK(once.pixels != other.pixels);
  CHECK(estimate_noise(once) == Approx(20).epsilon(0.1));
  CHECK(estimate_noise(clean) < 2);
  // 20 log10(255 / 20); greys end at black and white, which takes some away.
  CHECK(compare_images(once, clean, 10).psnr == Approx(22.1).margin(0.6));
  CHECK(std::isinf(compare_images(clean, clean, 0).psnr));
  const GreyImage black{2, 1, {0, 0}}, grey{2, 1, {0, 10}};
  CHECK(compare_images(black, grey, 9).off == 0.5);
  CHECK(compare_images(black, grey, 10).off == 0);
  CHECK(compare_images(black, grey, 10).mean == 5);
}

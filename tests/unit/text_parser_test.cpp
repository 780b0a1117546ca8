// The parser of text edge lists against a slow reference, on valid, odd and damaged text.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "partition/io/text/bad_line.hpp"
#include "partition/io/text/block_parser.hpp"
#include "partition/io/text/digits.hpp"
#include "partition/io/text/line.hpp"
#include "tests/support/text_reference.hpp"

using namespace gasket;
using test::ReferenceEdge;

namespace {

using Random = std::mt19937_64;

// A text in memory of exactly the size that the parser may read, so that a sanitizer sees one byte more.
class BlockText {
 public:
  explicit BlockText(std::string text, char padding = '7') {
    if (!text.empty() && text.back() != '\n') text += '\n';
    size_ = text.size();
    bytes_ = std::make_unique<char[]>(size_ + text::kBlockPadding);
    std::memcpy(bytes_.get(), text.data(), size_);
    std::memset(bytes_.get() + size_, padding, text::kBlockPadding);
  }

  text::Block block() const { return {bytes_.get(), bytes_.get() + size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

std::vector<ReferenceEdge> edges_of(const EdgeChunk& chunk) {
  std::vector<ReferenceEdge> edges;
  chunk.for_each([&](std::uint64_t source, std::uint64_t target, std::size_t i) {
    edges.push_back({source, target, chunk.weighted() ? chunk.weights[i] : 0.0});
  });
  return edges;
}

std::vector<ReferenceEdge> parse(const std::string& text, bool weighted = false) {
  return edges_of(text::parse_edges(BlockText(text).block(), weighted));
}

std::string message_of(const std::string& text, bool weighted = false) {
  try {
    parse(text, weighted);
  } catch (const text::BadLine& bad) {
    return bad.message;
  }
  return "no error";
}

// What parser and reference say about a text is the same: the edges, or the first bad line.
void compare(const std::string& text, bool weighted, char padding) {
  const test::ReferenceText expected = test::read_reference(text, weighted);
  const BlockText copy(text, padding);
  std::size_t bad_line = 0;
  std::vector<ReferenceEdge> edges;
  try {
    const EdgeChunk chunk = text::parse_edges(copy.block(), weighted);
    edges = edges_of(chunk);
    // Narrow exactly when every id fits.
    std::uint64_t all = 0;
    for (const ReferenceEdge& edge : edges) all |= edge.source | edge.target;
    if ((all >> 32 == 0) != chunk.wide.empty() || (!chunk.wide.empty() && !chunk.narrow.empty()))
      FAIL("wrong width for " << text::shown(text));
    if (weighted && chunk.weights.size() != chunk.size()) FAIL("a weight is missing for " << text::shown(text));
  } catch (const text::BadLine& bad) {
    bad_line = text::count_lines(copy.block().begin, copy.block().begin + bad.offset) + 1;
    if (!bad.message.starts_with("expected ")) FAIL("odd message " << bad.message);
    for (const char c : bad.message)
      if (c < ' ' || c > '~') FAIL("unprintable message for line " << bad_line);
  }
  if (bad_line != expected.bad_line) {
    UNSCOPED_INFO(text);
    FAIL("bad line " << bad_line << ", expected " << expected.bad_line << ", weighted " << weighted);
  }
  if (bad_line == 0 && edges != expected.edges) {
    UNSCOPED_INFO(text);
    FAIL("other edges, weighted " << weighted);
  }
}

template <class Values>
const auto& pick(Random& random, const Values& values) {
  return values[random() % std::size(values)];
}

std::string random_id(Random& random) {
  const std::string_view edges_of_range[] = {"0",
                                             "9",
                                             "99999999",
                                             "100000000",
                                             "2147483647",
                                             "2147483648",
                                             "4294967295",
                                             "4294967296",
                                             "4294967297",
                                             "4294967294",
                                             "9223372036854775808",
                                             "18446744073709551615",
                                             "0000000001",
                                             "9999999999999999",
                                             "10000000000000000"};
  switch (random() % 8) {
    case 0:
      return std::string(pick(random, edges_of_range));
    case 1:
      return std::to_string(random());
    default:
      return std::to_string(random() >> (40 + random() % 24));
  }
}

std::string random_weight(Random& random) {
  const std::string_view odd[] = {
      "1e3", "-1", "+2.5", ".5", "5.", "1e-400", "0.1", "123456789.123456789", "1E+2", "-0", "1234567.12345678"};
  switch (random() % 4) {
    case 0:
      return std::string(pick(random, odd));
    case 1:
      return fmt::format("{}", std::ldexp(static_cast<double>(random()), -static_cast<int>(random() % 128)));
    case 2:
      return std::to_string(random() % 1000);
    default:
      return fmt::format("{:.{}f}", static_cast<double>(random() % 1000000) / 997, random() % 9);
  }
}

std::string random_text(Random& random, bool weighted, bool plain) {
  const std::string_view separators[] = {" ", "\t", ",", ";", ", ", "  ", " ,\t", " \t"};
  const std::string_view skipped[] = {"", "# a comment", "%%MatrixMarket", "// 1 2", "   ", "\t# 3 4", "#"};
  const std::string_view separator = pick(random, separators);
  std::string text;
  const std::size_t lines = random() % 20;
  for (std::size_t i = 0; i < lines; ++i) {
    if (!plain && random() % 8 == 0) {
      text += pick(random, skipped);
    } else {
      if (!plain && random() % 8 == 0) text += pick(random, std::vector<std::string>{" ", "\t", "   "});
      const std::string_view between = plain || random() % 4 != 0 ? separator : pick(random, separators);
      text += random_id(random) + std::string(between) + random_id(random);
      if (weighted) text += std::string(between) + random_weight(random);
      if (!plain && random() % 8 == 0) text += std::string(between) + "1082008561 more";
      if (!plain && random() % 8 == 0) text += pick(random, separators);
    }
    if (!plain && random() % 8 == 0) text += '\r';
    if (i + 1 < lines || random() % 2 == 0) text += '\n';
  }
  return text;
}

void mutate(Random& random, std::string& text) {
  static constexpr char kLikely[] = "0123456789 \t,;.-+eE#%/\r\n\r\n\0naif\x80\xff";
  for (std::uint64_t changes = random() % 4; changes > 0 && !text.empty(); --changes) {
    const std::size_t at = random() % text.size();
    const char c = random() % 4 == 0 ? static_cast<char>(random()) : kLikely[random() % (sizeof kLikely - 1)];
    switch (random() % 5) {
      case 0:
        text[at] = c;
        break;
      case 1:
        text.insert(at, 1, c);
        break;
      case 2:
        text.erase(at, 1 + random() % 3);
        break;
      case 3:
        text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 12));
    }
  }
}

}  // namespace

TEST_CASE("an edge is two unsigned ids and a separator") {
  const std::vector<ReferenceEdge> expected = {{1, 2, 0}, {30, 4, 0}};
  for (const std::string separator : {" ", "\t", ",", ";", ", ", " , ", "   ", "\t\t", " ;"})
    for (const std::string end : {"\n", "\r\n", " \n", "\t\r\n"})
      for (const std::string front : {"", " ", "\t "}) {
        const std::string text = front + "1" + separator + "2" + end + front + "30" + separator + "4";
        CAPTURE(text);
        CHECK(parse(text + end) == expected);
        CHECK(parse(text) == expected);
        CHECK(parse(text + "\r") == expected);
      }
}

TEST_CASE("comments and blank lines are skipped, further columns ignored") {
  const std::string text =
      "# Nodes: 3\n%%MatrixMarket\n// c\n\n  \t\n\r\n1 2 17 text \x80\n\t# 5 6\n3,4,,\n5 6 # why\n";
  CHECK(parse(text) == std::vector<ReferenceEdge>{{1, 2, 0}, {3, 4, 0}, {5, 6, 0}});
  CHECK(parse("").empty());
  CHECK(parse("\n").empty());
  CHECK(parse("# nothing").empty());
}

TEST_CASE("every 64-bit id is read; a chunk is wide only when it must be") {
  const std::uint64_t ids[] = {0,
                               1,
                               9,
                               10,
                               99999999,
                               100000000,
                               999999999,
                               (1u << 31) - 1,
                               1u << 31,
                               0xffffffff,
                               0x100000000,
                               0x100000001,
                               9999999999999999,
                               10000000000000000,
                               (1ull << 63) - 1,
                               1ull << 63,
                               UINT64_MAX - 1,
                               UINT64_MAX};
  for (const std::uint64_t source : ids)
    for (const std::uint64_t target : ids) {
      const std::string text = fmt::format("1 2\n{} {}\n3 4\n", source, target);
      const EdgeChunk chunk = text::parse_edges(BlockText(text).block(), false);
      CHECK(edges_of(chunk) == std::vector<ReferenceEdge>{{1, 2, 0}, {source, target, 0}, {3, 4, 0}});
      CHECK(chunk.wide.empty() == (source <= 0xffffffff && target <= 0xffffffff));
      CHECK(chunk.narrow.empty() != chunk.wide.empty());
    }
  CHECK(parse("000000000000000000000000000000007 0\n") == std::vector<ReferenceEdge>{{7, 0, 0}});
  CHECK(parse("1 " + std::string(200, '0') + "18446744073709551615\n") ==
        std::vector<ReferenceEdge>{{1, UINT64_MAX, 0}});
}

TEST_CASE("a chunk takes no more memory than its edges") {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += fmt::format("{} {}\n", i, i + 1);
  const EdgeChunk chunk = text::parse_edges(BlockText(text).block(), false);
  CHECK(chunk.size() == 300000);
  CHECK(chunk.narrow.size() == 600000);
}

TEST_CASE("weights are correctly rounded") {
  Random random(7);
  std::vector<std::string> weights = {"0",
                                      "-0",
                                      "1",
                                      "1.5",
                                      "0.1",
                                      "1234567.1234567",
                                      "99999999.99999999",
                                      "12345678.1234567",
                                      "1e308",
                                      "4.9e-324",
                                      "1e-400",
                                      "-1e-400",
                                      "1.7976931348623157e308",
                                      "0.30000000000000004",
                                      "-3",
                                      "+7.25",
                                      "9007199254740993",
                                      "100000000000000000000",
                                      ".5",
                                      "5.",
                                      "000001.10"};
  for (int i = 0; i < 2000; ++i) weights.push_back(random_weight(random));
  for (const std::string& weight : weights) {
    const std::vector<ReferenceEdge> edges = parse("1 2 " + weight + "\n3,4," + weight + ",x\r\n", true);
    REQUIRE(edges.size() == 2);
    const double expected = std::strtod(weight.c_str(), nullptr);
    CAPTURE(weight);
    CHECK(std::memcmp(&edges[0].weight, &expected, sizeof expected) == 0);
    CHECK(std::memcmp(&edges[1].weight, &expected, sizeof expected) == 0);
  }
}

TEST_CASE("a bad line says what was expected and what was found") {
  struct Case {
    std::string line;
    bool weighted;
    std::string message;
  };
  const Case cases[] = {
      {"17", false, "expected two ids, source and target, found '17'"},
      {"17 ", false, "expected two ids, source and target, found '17'"},
      {"17 \r", false, "expected two ids, source and target, found '17'"},
      {"17,", false, "expected two ids, source and target, found '17,'"},
      {"1,,2", false, "expected a target id, found an empty column"},
      {",1,2", false, "expected a source id, found an empty column"},
      {"-5 2", false, "expected a source id, which is unsigned, found '-5'"},
      {"5 -2", false, "expected a target id, which is unsigned, found '-2'"},
      {"18446744073709551616 1", false,
       "expected a source id of at most 18446744073709551615, found '18446744073709551616'"},
      {"1 99999999999999999999", false,
       "expected a target id of at most 18446744073709551615, found '99999999999999999999'"},
      {"1 184467440737095516150", false,
       "expected a target id of at most 18446744073709551615, found '184467440737095516150'"},
      {"a 1", false, "expected a source id of digits only, found 'a'; --ids string takes any words as ids"},
      {"1 2x", false, "expected a target id of digits only, found '2x'"},
      {"1.0 2.0", false, "expected a source id of digits only, found '1.0'"},
      {"1 2.5", false, "expected a target id of digits only, found '2.5'"},
      {"0x10 1", false, "expected a source id of digits only, found '0x10'"},
      {"+1 2", false, "expected a source id of digits only, found '+1'"},
      {"\"1\",\"2\"", false, "expected a source id of digits only, found '\"1\"'; --ids string takes any words as ids"},
      {"1:2", false, "expected a source id of digits only, found '1:2'"},
      {"1 2", true, "expected a weight in the third column, found '1 2'"},
      {"1,2,", true, "expected a weight in the third column, found '1,2,'"},
      {"1 2 abc", true, "expected a weight that is a finite number, found 'abc'"},
      {"1 2 nan", true, "expected a weight that is a finite number, found 'nan'"},
      {"1 2 -inf", true, "expected a weight that is a finite number, found '-inf'"},
      {"1 2 1e999", true, "expected a weight that is a finite number, found '1e999'"},
      {"1 2 0x10", true, "expected a weight that is a number, found '0x10'"},
      {"1 2 3.5.6", true, "expected a weight that is a number, found '3.5.6'"},
      {"1 2 1e", true, "expected a weight that is a number, found '1e'"},
      {"1 2 #", true, "expected a weight that is a finite number, found '#'"},
      {std::string("1 2\0 3", 6), true,
       "expected a line of text, found '1 2\\x00 3': this does not look like a text edge list"},
      {"\x01\x02\x03", false,
       "expected a line of text, found '\\x01\\x02\\x03': this does not look like a text edge list"},
      {"\xc3\xa9 1", false,
       "expected a source id of digits only, found '\\xc3\\xa9'; --ids string takes any words as ids"},
      {std::string(60, 'a') + " 1", false,
       "expected a source id of digits only, found '" + std::string(40, 'a') +
           "'...; --ids string takes any words as ids"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    CHECK(message_of(c.line + "\n", c.weighted) == c.message);
    CHECK(message_of("# first\n1 2 3\n" + c.line + "\n4 5 6\n", c.weighted) == c.message);
    CHECK(test::read_reference(c.line, c.weighted).bad_line == 1);
  }
}

TEST_CASE("a line may be a mebibyte long") {
  for (const std::string begin : {"# ", "1 2 ", "1 2 3 "}) {
    const std::string longest = begin + std::string(text::kMaxLine - begin.size(), 'x');
    for (const bool weighted : {false, true}) {
      if (weighted && begin == "1 2 ") continue;
      CHECK(parse(longest + "\n1 2 3\n", weighted).size() == (begin == "# " ? 1 : 2));
      CHECK(message_of("1 2 3\n" + longest + "x\n1 2 3\n", weighted) ==
            "expected a line of at most 1048576 bytes, found a longer one that begins '" + begin +
                std::string(40 - begin.size(), 'x') + "'...");
    }
  }
  CHECK(message_of(std::string(text::kMaxLine + 1, ' ')).starts_with("expected a line of at most"));
  CHECK(message_of(std::string(text::kMaxLine + 1, '0') + " 1").starts_with("expected a line of at most"));
}

TEST_CASE("parser and reference agree on valid and damaged texts") {
  Random random(20240417);
  for (int round = 0; round < 60000; ++round) {
    const bool weighted = random() % 2 == 0;
    std::string text = random_text(random, weighted, random() % 2 == 0);
    if (round % 4 != 0) mutate(random, text);
    const char paddings[] = {'7', '\n', ' ', '\0', static_cast<char>(random())};
    compare(text, weighted, pick(random, paddings));
    compare(text, !weighted, '1');
  }
}

TEST_CASE("a vertex list is the first column") {
  const auto vertices = [](const std::string& text) {
    const BigArray<ExternalId> ids = text::parse_vertices(BlockText(text).block());
    return std::vector<ExternalId>(ids.begin(), ids.end());
  };
  CHECK(vertices("1\n# x\n\n 18446744073709551615 name\r\n3,a\n4") == std::vector<ExternalId>{1, UINT64_MAX, 3, 4});
  CHECK(vertices("").empty());
  const auto message = [&](const std::string& text) -> std::string {
    try {
      vertices(text);
    } catch (const text::BadLine& bad) {
      return bad.message;
    }
    return "no error";
  };
  CHECK(message("1\n-2\n") == "expected a vertex id, which is unsigned, found '-2'");
  CHECK(message("x1") == "expected a vertex id of digits only, found 'x1'");
  CHECK(message("18446744073709551616") ==
        "expected a vertex id of at most 18446744073709551615, found '18446744073709551616'");
  CHECK(message("\x02") == "expected a line of text, found '\\x02': this does not look like a list of vertex ids");
}

TEST_CASE("column ends and digits: every character, every length") {
  for (int c = 0; c < 256; ++c)
    for (unsigned count = 1; count <= 8; ++count) {
      char text[64];
      std::memset(text, '4', sizeof text);
      for (unsigned at = 0; at < count; ++at) {
        text[at] = static_cast<char>(c);
        const bool digit = c >= '0' && c <= '9';
        if (text::Digits(text, count).valid() != digit) FAIL(c << " at " << at);
        if ((text::find_column_ends(text) >> at & 1) != ((c & 0x10) == 0 ? 1u : 0u)) FAIL(c << " at " << at);
        text[at] = '4';
      }
      if (text::Digits(text, count).number() != std::stoull(std::string(count, '4'))) FAIL(count);
    }
}

TEST_CASE("lines are counted in text of any length") {
  Random random(3);
  for (std::size_t size = 0; size < 400; ++size) {
    std::string text(size + (size % 7 == 0 ? 40000 : 0), 'x');
    std::size_t lines = 0;
    for (char& c : text)
      if (size % 3 == 0 || random() % 5 == 0) {
        c = '\n';
        ++lines;
      }
    if (text::count_lines(text.data(), text.data() + text.size()) != lines) FAIL(size);
  }
}

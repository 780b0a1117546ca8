#include "partition/io/gsk/header.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "partition/error.hpp"

namespace gasket::gsk {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is read and written in place");

using namespace std::string_view_literals;

// As in PNG: the first byte is no text, and the line ends show whether something translated them.
constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kDirected = 1, kWeighted = 2, kDense = 4, kByDegree = 8, kNamed = 16;

struct RawRange {
  std::uint64_t offset, bytes;
  bool operator==(const RawRange&) const = default;
};

struct RawHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t flags;
  std::uint32_t index_bytes;
  std::uint32_t block_bytes;
  std::uint64_t vertices;
  std::uint64_t arcs;
  std::uint64_t edges;
  std::uint64_t file_bytes;
  RawRange sections[kSections];
  RawRange table;
  std::uint64_t table_checksum;
  std::uint64_t reserved[7];  // zero
  std::uint64_t header_checksum;
};
static_assert(sizeof(RawHeader) == kHeaderBytes);

constexpr std::size_t kChecked = kHeaderBytes - sizeof(std::uint64_t);

// The header without its checksum.
RawHeader raw(const Header& header) {
  const Layout layout = lay_out(header.facts);
  RawHeader raw{};
  std::ranges::copy(kMagic, raw.magic);
  raw.version = kVersion;
  raw.flags = (header.facts.directed ? kDirected : 0) | (header.facts.weighted ? kWeighted : 0) |
              (header.facts.dense_ids ? kDense : 0) | (header.facts.by_degree ? kByDegree : 0) |
              (header.facts.named ? kNamed : 0);
  raw.index_bytes = static_cast<std::uint32_t>(layout.index_bytes);
  raw.block_bytes = kBlockBytes;
  raw.vertices = header.facts.vertices;
  raw.arcs = header.facts.arcs;
  raw.edges = header.edges;
  raw.file_bytes = layout.file_bytes;
  for (std::size_t s = 0; s < kSections; ++s) raw.sections[s] = {layout.sections[s].offset, layout.sections[s].bytes};
  raw.table = {layout.table.offset, layout.table.bytes};
  raw.table_checksum = header.table_checksum;
  return raw;
}

}  // namespace

bool possible(const GskFacts& facts) {
  return facts.vertices <= std::uint64_t{1} << 48 && facts.arcs <= std::uint64_t{1} << 56 &&
         (facts.vertices > 0 || facts.arcs == 0) && facts.name_bytes <= std::uint64_t{1} << 56 &&
         (facts.named ? facts.dense_ids : facts.name_bytes == 0);
}

Layout lay_out(const GskFacts& facts) {
  Layout layout;
  layout.index_bytes = facts.vertices <= std::uint64_t{1} << 32 ? 4 : 8;
  layout.sections[kIds].bytes = facts.dense_ids ? 0 : 8 * facts.vertices;
  layout.sections[kOrder].bytes = facts.by_degree ? layout.index_bytes * facts.vertices : 0;
  layout.sections[kOffsets].bytes = 8 * (facts.vertices + 1);
  layout.sections[kWeights].bytes = facts.weighted ? 8 * facts.arcs : 0;
  layout.sections[kColumns].bytes = layout.index_bytes * facts.arcs;
  layout.sections[kNameEnds].bytes = facts.named ? 8 * facts.vertices : 0;
  layout.sections[kNames].bytes = facts.name_bytes;
  std::uint64_t offset = kHeaderBytes, blocks = 0;
  for (Layout::Range& section : layout.sections) {
    section.offset = offset;
    section.first_block = blocks;
    offset += section.bytes;
    blocks += section.blocks();
  }
  layout.table.offset = offset;
  layout.table.bytes = 8 * blocks;
  layout.file_bytes = offset + layout.table.bytes;
  return layout;
}

std::uint64_t checksum(std::span<const char> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

void encode(const Header& header, std::span<char> bytes) {
  RawHeader out = raw(header);
  out.header_checksum = checksum({reinterpret_cast<const char*>(&out), kChecked});
  std::memcpy(bytes.data(), &out, kHeaderBytes);
}

Header decode(std::span<const char> bytes, std::uint64_t size, const std::string& path) {
  const auto fail = [&](const std::string& what) { throw InputError(fmt::format("{}: {}", path, what)); };
  if (size == 0) fail("is empty, expected a .gsk file");
  const std::string_view beginning(bytes.data(), std::min(bytes.size(), kMagic.size()));
  if (beginning != kMagic.substr(0, beginning.size())) {
    if (beginning.starts_with("\x89GSK"sv)) fail("damaged: the line ends in it were translated as if it were text");
    fail("is not a .gsk file");
  }
  if (bytes.size() < kHeaderBytes)
    fail(fmt::format("truncated: has {} bytes, the header of a .gsk file alone has {}", size, kHeaderBytes));
  RawHeader in;
  std::memcpy(&in, bytes.data(), kHeaderBytes);
  if (in.version != kVersion && in.version > 0 && in.version < 1000)  // else it is damage
    fail(fmt::format("has version {} of the .gsk format; this gasket reads version {}", in.version, kVersion));
  if (in.header_checksum != checksum(bytes.first(kChecked)))
    fail("damaged: the header does not have the checksum it had when it was written");

  Header header;
  header.facts = {in.vertices,
                  in.arcs,
                  (in.flags & kDirected) != 0,
                  (in.flags & kWeighted) != 0,
                  (in.flags & kDense) != 0,
                  (in.flags & kByDegree) != 0,
                  (in.flags & kNamed) != 0,
                  in.sections[kNames].bytes};
  header.edges = in.edges;
  header.table_checksum = in.table_checksum;
  if (!possible(header.facts)) fail(fmt::format("damaged: it claims {} vertices and {} arcs", in.vertices, in.arcs));
  // Everything else follows from the facts.
  RawHeader expected = raw(header);
  expected.header_checksum = in.header_checksum;
  const bool countable = header.facts.directed ? in.edges == in.arcs : in.edges <= in.arcs && in.edges >= in.arcs / 2;
  if (std::memcmp(&expected, &in, kHeaderBytes) != 0 || !countable) fail("damaged: the header contradicts itself");
  if (size < in.file_bytes) fail(fmt::format("truncated: has {} bytes, should have {}", size, in.file_bytes));
  if (size > in.file_bytes)
    fail(fmt::format("damaged: has {} bytes, should have {}; something was added", size, in.file_bytes));
  return header;
}

}  // namespace gasket::gsk

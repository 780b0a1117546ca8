#include "partition/atoms/journal.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "partition/error.hpp"
#include "partition/hash.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is read and written in place");

// As in .gsk: the first byte is no text, and the line ends show whether something translated them.
constexpr std::string_view kMagic = "\x89GAT\r\n\x1a\n";
constexpr std::uint32_t kVersion = 1, kByteOrder = 0x01020304, kBlockMagic = 0x4b4c4247;  // "GBLK"
constexpr std::uint32_t kKindMask = 0xff, kWide = 0x100, kWeighted = 0x200;
constexpr std::uint64_t kBlockRecords = std::uint64_t{1} << 17;

struct RawHead {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;
  std::uint64_t graph;
  std::uint32_t atom;
  std::uint32_t atoms;
  std::uint64_t reserved;  // zero
  std::uint64_t checksum;
};
static_assert(sizeof(RawHead) == 48);

struct RawBlock {
  std::uint32_t magic;
  std::uint32_t form;  // kind and flags
  std::uint64_t count;
  std::uint64_t records_checksum;
  std::uint64_t checksum;
};
static_assert(sizeof(RawBlock) == 32);

std::uint64_t checksum_of(const RawHead& head) { return XXH3_64bits(&head, sizeof head - sizeof head.checksum); }

std::uint64_t checksum_of(const RawBlock& block, std::uint64_t graph, AtomId atom, std::uint64_t offset) {
  return XXH3_64bits_withSeed(&block, sizeof block - sizeof block.checksum, mix(mix(graph + atom) ^ offset));
}

std::uint64_t checksum_of(std::string_view ids, std::string_view weights) {
  const std::uint64_t first = XXH3_64bits(ids.data(), ids.size());
  return weights.empty() ? first : XXH3_64bits_withSeed(weights.data(), weights.size(), first);
}

template <class T>
std::string_view text_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}
template <class T>
std::string_view text_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
template <class T>
std::span<char> room_of(std::span<T> values) {
  return {reinterpret_cast<char*>(values.data()), values.size_bytes()};
}

bool is_wide(std::uint64_t ids) { return ids >> 32 != 0; }

std::uint64_t& count_of(AtomFacts& facts, RecordKind kind) {
  return kind == RecordKind::vertices ? facts.vertices : kind == RecordKind::ghosts ? facts.ghosts : facts.edges;
}

}  // namespace

void refuse_names(EdgeSource& source) {
  if (source.names() != nullptr || source.stores_names())
    throw UsageError(fmt::format("{}: its ids are strings; atoms keep numbers only", source.describe()));
}

JournalWriter::JournalWriter(std::uint64_t graph, AtomId atom, AtomId atoms, bool weighted, const AtomFacts& facts,
                             Sink sink)
    : graph_(graph), atom_(atom), weighted_(weighted), facts_(facts), sink_(std::move(sink)) {
  if (facts_.bytes > 0) return;
  RawHead head{};
  std::ranges::copy(kMagic, head.magic);
  head.version = kVersion;
  head.byte_order = kByteOrder;
  head.graph = graph;
  head.atom = atom;
  head.atoms = atoms;
  head.checksum = checksum_of(head);
  put(text_of(head));
}

void JournalWriter::put(std::string_view bytes) {
  if (bytes.empty()) return;
  sink_(bytes);
  facts_.bytes += bytes.size();
}

void JournalWriter::put_block(RecordKind kind, bool wide, std::uint64_t count, std::string_view ids,
                              std::string_view weights) {
  RawBlock block{};
  block.magic = kBlockMagic;
  block.form = static_cast<std::uint32_t>(kind) | (wide ? kWide : 0) | (weights.empty() ? 0 : kWeighted);
  block.count = count;
  block.records_checksum = checksum_of(ids, weights);
  block.checksum = checksum_of(block, graph_, atom_, facts_.bytes);
  facts_.digest = XXH3_64bits_withSeed(&block, sizeof block, facts_.digest);
  count_of(facts_, kind) += count;
  put(text_of(block));
  put(ids);
  put(weights);
}

template <class Id>
void JournalWriter::put_ids(RecordKind kind, std::span<const ExternalId> ids) {
  std::vector<Id> stored(ids.size());
  std::ranges::transform(ids, stored.begin(), [](ExternalId id) { return static_cast<Id>(id); });
  put_block(kind, sizeof(Id) == 8, ids.size(), text_of(std::span<const Id>(stored)), {});
}

template <class Id>
void JournalWriter::put_edges(std::span<const AtomEdge> edges) {
  std::vector<Id> ends;
  std::vector<double> weights;
  ends.reserve(2 * edges.size());
  for (const AtomEdge& edge : edges) {
    ends.push_back(static_cast<Id>(edge.source));
    ends.push_back(static_cast<Id>(edge.target));
    if (weighted_) weights.push_back(edge.weight);
  }
  put_block(RecordKind::edges, sizeof(Id) == 8, edges.size(), text_of(std::span<const Id>(ends)),
            text_of(std::span<const double>(weights)));
}

void JournalWriter::append_ids(RecordKind kind, std::span<const ExternalId> ids) {
  for (; !ids.empty(); ids = ids.subspan(std::min<std::size_t>(ids.size(), kBlockRecords))) {
    const auto block = ids.first(std::min<std::size_t>(ids.size(), kBlockRecords));
    std::uint64_t all = 0;
    for (const ExternalId id : block) all |= id;
    is_wide(all) ? put_ids<std::uint64_t>(kind, block) : put_ids<std::uint32_t>(kind, block);
  }
}

void JournalWriter::append_edges(std::span<const AtomEdge> edges) {
  for (; !edges.empty(); edges = edges.subspan(std::min<std::size_t>(edges.size(), kBlockRecords))) {
    const auto block = edges.first(std::min<std::size_t>(edges.size(), kBlockRecords));
    std::uint64_t all = 0;
    for (const AtomEdge& edge : block) all |= edge.source | edge.target;
    is_wide(all) ? put_edges<std::uint64_t>(block) : put_edges<std::uint32_t>(block);
  }
}

Journal::Journal(const std::string& folder, const AtomIndex& index, AtomId atom)
    : file_(journal_path(folder, atom), "an atom") {
  check_head(index, atom);
  const AtomFacts& expected = index.atoms[atom];
  AtomFacts found{.bytes = sizeof(RawHead)};
  while (found.bytes < expected.bytes) {
    RawBlock raw{};
    if (expected.bytes - found.bytes < sizeof raw) fail("a block reaches beyond what the index counts");
    file_.read_at(found.bytes, room_of(std::span(&raw, 1)));
    if (raw.magic != kBlockMagic || raw.checksum != checksum_of(raw, index.graph, atom, found.bytes))
      fail(fmt::format("damaged: the head of the block at byte {} does not have the checksum it was written with",
                       found.bytes));
    Block block{static_cast<RecordKind>(raw.form & kKindMask),
                (raw.form & kWide) != 0,
                (raw.form & kWeighted) != 0,
                raw.count,
                found.bytes + sizeof raw,
                raw.records_checksum};
    const std::uint64_t width = block.wide ? 8 : 4;
    const bool edges = block.kind == RecordKind::edges;
    if (block.kind < RecordKind::vertices || block.kind > RecordKind::edges || block.count == 0 ||
        block.count > kBlockRecords || block.weighted != (edges && index.weighted))
      fail(fmt::format("damaged: the block at byte {} is of no kind that this graph has", found.bytes));
    count_of(found, block.kind) += block.count;
    found.digest = XXH3_64bits_withSeed(&raw, sizeof raw, found.digest);
    found.bytes = block.offset + block.count * (edges ? 2 * width + (block.weighted ? 8 : 0) : width);
    blocks_.push_back(block);
  }
  if (found != expected) fail("is not the journal that the index describes");
}

void Journal::fail(const std::string& what) const { throw InputError(fmt::format("{}: {}", file_.path(), what)); }

void Journal::check_head(const AtomIndex& index, AtomId atom) const {
  RawHead head{};
  const std::size_t got = file_.read_at(0, room_of(std::span(&head, 1)));
  const std::size_t begun = std::min(got, kMagic.size());
  if (std::memcmp(head.magic, kMagic.data(), begun) != 0) fail("is not an atom, or damaged in its first bytes");
  const std::string short_of =
      fmt::format("too short: has {} bytes, the index counts {}", file_.size(), index.atoms[atom].bytes);
  if (got < sizeof head) fail(short_of);
  if (head.byte_order == __builtin_bswap32(kByteOrder)) fail("was written by a machine of another byte order");
  if (head.version != kVersion && head.version > 0 && head.version < 1000)  // else it is damage
    fail(fmt::format("has version {} of the format of atoms; this gasket reads version {}", head.version, kVersion));
  if (head.checksum != checksum_of(head)) fail("damaged: its head does not have the checksum it was written with");
  if (head.graph != index.graph) fail("is an atom of another graph");
  if (head.atom != atom) fail(fmt::format("is atom {} of the graph, expected atom {}", head.atom, atom));
  if (file_.size() < index.atoms[atom].bytes) fail(short_of);
}

void Journal::check_records(const Block& block, std::uint64_t found) const {
  if (found != block.checksum)
    fail(fmt::format("damaged: the block of {} {} from byte {} on does not have the checksum it was written with",
                     block.count,
                     block.kind == RecordKind::vertices ? "vertices"
                     : block.kind == RecordKind::ghosts ? "ghosts"
                                                        : "edges",
                     block.offset));
}

std::vector<ExternalId> Journal::read_ids(const Block& block) const {
  const auto read = [&](auto& ids) {
    file_.read_at(block.offset, room_of(std::span(ids)));
    check_records(
        block, checksum_of(text_of(std::span<const typename std::remove_cvref_t<decltype(ids)>::value_type>(ids)), {}));
  };
  std::vector<ExternalId> result(block.count);
  if (block.wide) {
    read(result);
    return result;
  }
  std::vector<std::uint32_t> narrow(block.count);
  read(narrow);
  std::ranges::copy(narrow, result.begin());
  return result;
}

EdgeChunk Journal::read_edges(const Block& block) const {
  EdgeChunk chunk;
  std::span<char> ends;
  if (block.wide) {
    chunk.wide = BigArray<std::uint64_t>(2 * block.count);
    ends = room_of(chunk.wide.span());
  } else {
    chunk.narrow = BigArray<std::uint32_t>(2 * block.count);
    ends = room_of(chunk.narrow.span());
  }
  chunk.weights = BigArray<double>(block.weighted ? block.count : 0);
  const std::span<char> weights = room_of(chunk.weights.span());
  file_.read_at(block.offset, ends);
  file_.read_at(block.offset + ends.size(), weights);
  check_records(block, checksum_of({ends.data(), ends.size()}, {weights.data(), weights.size()}));
  return chunk;
}

}  // namespace gasket

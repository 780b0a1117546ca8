#include "partition/io/gsk/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr const char* kSectionNames[] = {"vertex ids", "vertex order",  "row offsets", "weights",
                                         "columns",    "ends of names", "names"};
constexpr const char* kExpected = "a .gsk file";
constexpr const char* kNoTarget = "an arc leads to a vertex that does not exist";
constexpr const char* kNoVertex = "a row is of a vertex that does not exist";

template <class T>
std::span<char> bytes_of(std::span<T> values) {
  return {reinterpret_cast<char*>(values.data()), values.size_bytes()};
}

// Whether less(a, b) holds for each value and the next.
template <class T, class Less>
bool rises(std::span<const T> values, const Less& less, GskFile::Run run) {
  constexpr std::size_t kGrain = std::size_t{1} << 17;
  const auto falls = [&](std::size_t begin, std::size_t end) {
    unsigned found = 0;
    for (std::size_t i = std::max<std::size_t>(begin, 1); i < end; ++i)
      found |= less(values[i - 1], values[i]) ? 0u : 1u;
    return found;
  };
  if (run == GskFile::Run::here) return falls(0, values.size()) == 0;
  return parallel::reduce_ranges(values.size(), kGrain, 0u, falls, std::bit_or<unsigned>()) == 0;
}

}  // namespace

GskFile::GskFile(const std::string& path) : file_(path, kExpected) {
  char start[gsk::kHeaderBytes];
  const std::size_t got = file_.read_at(0, start);
  header_ = gsk::decode({start, got}, file_.size(), path);
  layout_ = gsk::lay_out(header_.facts);
  checksums_ = BigArray<std::uint64_t>(layout_.table.bytes / 8);
  file_.read_at(layout_.table.offset, bytes_of(checksums_.span()));
  if (gsk::checksum(bytes_of(checksums_.span())) != header_.table_checksum)
    fail_damaged("the table of checksums does not have the checksum it was written with");
}

void GskFile::fail_damaged(const std::string& what) const {
  throw InputError(fmt::format("{}: damaged: {}", path(), what));
}

// Reads whole blocks into place, and blocks that are wanted in part by way of a buffer. sound(values) looks at pieces
// of good blocks.
template <class T, class Sound>
void GskFile::read(gsk::Section section, std::uint64_t first, std::span<T> values, Run run, const Sound& sound,
                   const char* unsound) const {
  if (values.empty()) return;
  const gsk::Layout::Range& range = layout_.sections[section];
  const std::uint64_t begin = first * sizeof(T), end = begin + values.size_bytes();  // within the section
  const auto read_block = [&](std::uint64_t block) {
    const std::uint64_t block_begin = block * gsk::kBlockBytes;
    const std::uint64_t block_end = std::min(block_begin + gsk::kBlockBytes, range.bytes);
    const std::uint64_t from = std::max(begin, block_begin), to = std::min(end, block_end);
    const std::size_t bytes = block_end - block_begin;
    char* const place = reinterpret_cast<char*>(values.data()) + (from - begin);
    const bool whole = from == block_begin && to == block_end;
    const std::unique_ptr<char[]> buffer = whole ? nullptr : std::make_unique_for_overwrite<char[]>(bytes);
    const std::span<char> content(whole ? place : buffer.get(), bytes);
    file_.read_at(range.offset + block_begin, content);
    if (gsk::checksum(content) != checksums_[range.first_block + block])
      fail_damaged(fmt::format("block {} of the {} (from byte {}) does not have the checksum it was written with",
                               block, kSectionNames[section], range.offset + block_begin));
    if (!whole) std::copy_n(buffer.get() + (from - block_begin), to - from, place);
    if (!sound(values.subspan((from - begin) / sizeof(T), (to - from) / sizeof(T)))) fail_damaged(unsound);
  };
  const std::uint64_t first_block = begin / gsk::kBlockBytes;
  const std::uint64_t blocks = (end + gsk::kBlockBytes - 1) / gsk::kBlockBytes - first_block;
  if (run == Run::parallel)
    parallel::for_each_index(blocks, [&](std::size_t i) { read_block(first_block + i); });
  else
    for (std::uint64_t i = 0; i < blocks; ++i) read_block(first_block + i);
}

void GskFile::read_ids(std::uint64_t first, std::span<ExternalId> ids, Run run) const {
  read(
      gsk::kIds, first, ids, run, [](std::span<const ExternalId>) { return true; }, "");
  if (!rises(std::span<const ExternalId>(ids), std::less<>(), run)) fail_damaged("the vertex ids do not ascend");
}

void GskFile::read_offsets(std::uint64_t first, std::span<EdgeCount> offsets, Run run) const {
  if (offsets.empty()) return;
  read(
      gsk::kOffsets, first, offsets, run, [](std::span<const EdgeCount>) { return true; }, "");
  const bool starts = first > 0 || offsets.front() == 0;
  const bool ends = first + offsets.size() <= facts().vertices || offsets.back() == facts().arcs;
  if (!starts || !ends || offsets.back() > facts().arcs ||
      !rises(std::span<const EdgeCount>(offsets), std::less_equal<>(), run))
    fail_damaged("the row offsets do not ascend from 0 to the number of arcs");
}

// Reads entries that each name a row or vertex.
template <class T>
void GskFile::read_vertices(gsk::Section section, std::uint64_t first, std::span<T> vertices, Run run,
                            const char* unsound) const {
  if (sizeof(T) != index_bytes())
    throw Error(ExitCode::failure, fmt::format("{}: {} have {} bytes, {} were asked for", path(),
                                               kSectionNames[section], index_bytes(), sizeof(T)));
  const auto sound = [&](std::span<const T> values) {
    T largest = 0;
    for (const T value : values) largest = std::max(largest, value);
    return largest < facts().vertices;
  };
  read(section, first, vertices, run, sound, unsound);
}

void GskFile::read_order(std::uint64_t first, std::span<std::uint32_t> order, Run run) const {
  read_vertices(gsk::kOrder, first, order, run, kNoVertex);
}
void GskFile::read_order(std::uint64_t first, std::span<std::uint64_t> order, Run run) const {
  read_vertices(gsk::kOrder, first, order, run, kNoVertex);
}

void GskFile::read_columns(EdgeCount first, std::span<std::uint32_t> columns, Run run) const {
  read_vertices(gsk::kColumns, first, columns, run, kNoTarget);
}
void GskFile::read_columns(EdgeCount first, std::span<std::uint64_t> columns, Run run) const {
  read_vertices(gsk::kColumns, first, columns, run, kNoTarget);
}

void GskFile::read_weights(EdgeCount first, std::span<double> weights, Run run) const {
  read(
      gsk::kWeights, first, weights, run, [](std::span<const double>) { return true; }, "");
}

NameList GskFile::read_names(std::uint64_t first, std::uint64_t count) const {
  const auto any = [](const auto&) { return true; };
  const std::uint64_t before = first > 0 ? 1 : 0;  // the end of the name before says where the first begins
  BigArray<std::uint64_t> ends(count + before);
  read(gsk::kNameEnds, first - before, ends.span(), Run::parallel, any, "");
  const bool whole = first + count < facts().vertices || (count > 0 ? ends.back() == facts().name_bytes : true);
  if (!whole || (count > 0 && ends.back() > facts().name_bytes) ||
      !rises(std::span<const std::uint64_t>(ends.span()), std::less_equal<>(), Run::parallel))
    fail_damaged("the ends of the names do not ascend to the number of their characters");
  if (count == 0) return {};
  const std::uint64_t begin = before > 0 ? ends[0] : 0;
  BigArray<char> bytes(ends.back() - begin);
  read(gsk::kNames, begin, bytes.span(), Run::parallel, any, "");
  BigArray<std::uint64_t> lengths(count);
  for (std::uint64_t i = 0, last = begin; i < count; last = ends[before + i++]) lengths[i] = ends[before + i] - last;
  NameList names(lengths.span(), std::move(bytes));
  for (std::size_t i = 1; i < names.size(); ++i)
    if (names[i] <= names[i - 1]) fail_damaged("the names do not ascend");
  return names;
}

std::uint64_t GskFile::row_of(EdgeCount arc) const {
  constexpr std::uint64_t kEntries = gsk::kBlockBytes / sizeof(EdgeCount);
  const std::uint64_t entries = facts().vertices + 1;
  // The last block that begins at or before the arc.
  std::uint64_t low = 0, high = layout_.sections[gsk::kOffsets].blocks();
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    EdgeCount start = 0;
    read_offsets(middle * kEntries, {&start, 1}, Run::here);
    (start <= arc ? low : high) = middle;
  }
  BigArray<EdgeCount> offsets(std::min(kEntries, entries - low * kEntries));
  read_offsets(low * kEntries, offsets.span(), Run::here);
  const auto behind = std::upper_bound(offsets.begin(), offsets.end(), arc) - offsets.begin();
  const std::uint64_t row = low * kEntries + static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(behind, 1) - 1);
  return std::min(row, facts().vertices - 1);
}

}  // namespace gasket

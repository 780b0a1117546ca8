#include "partition/io/text/block_parser.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "partition/io/text/digits.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

const char* line_end(const char* line, const char* end) {
  return static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
}

constexpr std::uint64_t kPowersOf10[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

// Places of column ends in the next 64 characters, one after the other.
struct ColumnEnds {
  explicit ColumnEnds(const char* line) : begin(line), bits(find_column_ends(line)) {}

  /// The next column end; 64 characters behind the beginning when it lies further on.
  const char* next() {
    const char* const end = begin + std::countr_zero(bits);
    bits &= bits - 1;
    return end;
  }

  const char* begin;
  std::uint64_t bits;
};

// The number of 17 to 20 digits between `at` and `end`; false when there is another character or it needs 65 bits.
bool long_number(const char* at, const char* end, std::uint64_t& number) {
  const auto count = static_cast<unsigned>(end - at);
  if (count > 20) return false;
  number = 0;
  for (unsigned taken = (count - 1) % 8 + 1; at != end; at += taken, taken = 8) {
    const Digits digits(at, taken);
    if (!digits.valid() || __builtin_mul_overflow(number, kPowersOf10[taken], &number) ||
        __builtin_add_overflow(number, digits.number(), &number))
      return false;
  }
  return true;
}

// The number between `at` and `end`, which a column end follows; false when it is not an id.
[[gnu::always_inline]] inline bool fast_id(const char* at, const char* end, std::uint64_t& id) {
  const auto count = static_cast<std::size_t>(end - at);
  if (count > 8) [[unlikely]] {
    if (count > 16) return long_number(at, end, id);
    const Digits high(at, static_cast<unsigned>(count - 8)), low(end - 8, 8);
    id = high.number() * kPowersOf10[8] + low.number();
    return high.valid() && low.valid();
  }
  if (count == 0) return false;
  const Digits digits(at, static_cast<unsigned>(count));
  id = digits.number();
  return digits.valid();
}

// A weight of up to 15 digits, perhaps with a point among them: mantissa and power of ten are both exact doubles, so
// that one division rounds correctly (Clinger 1990). Null when it is anything else, otherwise where it ends.
[[gnu::always_inline]] inline const char* fast_weight(const char* at, ColumnEnds& ends, double& weight) {
  const char* end = ends.next();
  const auto count = static_cast<std::size_t>(end - at);
  if (count - 1 >= 8) return nullptr;
  const Digits whole(at, static_cast<unsigned>(count));
  if (!whole.valid()) return nullptr;
  if (*end != '.') {
    weight = static_cast<double>(whole.number());
    return end;
  }
  at = end + 1;
  end = ends.next();
  const auto places = static_cast<std::size_t>(end - at);
  if (places - 1 >= 8 || count + places > 15) return nullptr;
  const Digits fraction(at, static_cast<unsigned>(places));
  if (!fraction.valid()) return nullptr;
  const std::uint64_t mantissa = whole.number() * kPowersOf10[places] + fraction.number();
  weight = static_cast<double>(mantissa) / static_cast<double>(kPowersOf10[places]);
  return end;
}

// The line after the one that begins at `line` and whose last column of interest ends at `at`; null when that column is
// followed by neither a separator nor the end of the line.
[[gnu::always_inline]] inline const char* next_line(const char* line, const char* at, const char* end) {
  if (*at == '\n') [[likely]]
    return at + 1;
  if (*at == '\r' && at[1] == '\n') return at + 2;
  if (!is_separator(*at)) return nullptr;
  const char* const stop = line_end(at, end);
  return static_cast<std::size_t>(stop - line) > kMaxLine ? nullptr : stop + 1;
}

// Reads the edge at `line` if its line is of the usual shape; returns the next line, or null.
template <bool weighted>
[[gnu::always_inline]] inline const char* fast_line(const char* line, const char* end, std::uint64_t& source,
                                                    std::uint64_t& target, double& weight) {
  ColumnEnds ends(line);
  const char* const source_end = ends.next();
  const char* const target_end = ends.next();
  if (!fast_id(line, source_end, source) || !is_separator(*source_end) || !fast_id(source_end + 1, target_end, target))
      [[unlikely]]
    return nullptr;
  if constexpr (!weighted) return next_line(line, target_end, end);
  if (!is_separator(*target_end)) return nullptr;
  const char* weight_end = fast_weight(target_end + 1, ends, weight);
  if (weight_end == nullptr) {
    weight_end = target_end + 1;
    if (!read_weight(weight_end, end, weight)) return nullptr;
  }
  return next_line(line, weight_end, end);
}

template <class Id>
struct Output {
  Id* pair;
  double* weight;
};

// Parses lines from `at` on into `out`; stops before the first line with an id that Id cannot hold, else at the end.
template <class Id, bool weighted>
const char* parse_lines(const Block& block, const char* at, Output<Id>& out) {
  constexpr std::uint64_t largest = std::numeric_limits<Id>::max();
  Id* pair = out.pair;
  double* weights = out.weight;
  const char* const end = block.end;
  while (at != end) {
    std::uint64_t source, target;
    double weight = 0;
    const char* next = fast_line<weighted>(at, end, source, target, weight);
    if (next == nullptr) [[unlikely]] {
      const char* const stop = line_end(at, end);
      const std::string_view line(at, static_cast<std::size_t>(stop - at));
      next = stop + 1;
      const EdgeLine edge = read_edge_line(line, weighted);
      if (edge.kind == LineKind::skipped) {
        at = next;
        continue;
      }
      if (edge.kind == LineKind::bad)
        throw BadLine{static_cast<std::size_t>(at - block.begin), describe_bad_edge(line, weighted)};
      source = edge.source;
      target = edge.target;
      weight = edge.weight;
    }
    if constexpr (largest < std::numeric_limits<std::uint64_t>::max())
      if ((source | target) > largest) [[unlikely]]
        break;
    pair[0] = static_cast<Id>(source);
    pair[1] = static_cast<Id>(target);
    pair += 2;
    if constexpr (weighted) *weights++ = weight;
    at = next;
  }
  out = {pair, weights};
  return at;
}

template <bool weighted>
EdgeChunk parse_block(const Block& block) {
  const std::size_t most = count_lines(block.begin, block.end);
  EdgeChunk chunk;
  chunk.narrow = BigArray<std::uint32_t>(2 * most);
  if constexpr (weighted) chunk.weights = BigArray<double>(most);

  Output<std::uint32_t> narrow{chunk.narrow.data(), chunk.weights.data()};
  const char* const rest = parse_lines<std::uint32_t, weighted>(block, block.begin, narrow);
  auto ids = static_cast<std::size_t>(narrow.pair - chunk.narrow.data());
  if (rest == block.end) {
    chunk.narrow.shrink(ids);
  } else {
    chunk.wide = BigArray<std::uint64_t>(2 * most);
    std::copy_n(chunk.narrow.data(), ids, chunk.wide.data());
    chunk.narrow.free();
    Output<std::uint64_t> wide{chunk.wide.data() + ids, narrow.weight};
    parse_lines<std::uint64_t, weighted>(block, rest, wide);
    ids = static_cast<std::size_t>(wide.pair - chunk.wide.data());
    chunk.wide.shrink(ids);
  }
  if constexpr (weighted) chunk.weights.shrink(ids / 2);
  return chunk;
}

}  // namespace

std::size_t count_lines(const char* begin, const char* end) {
  // Counts in bytes, which the compiler turns into vector instructions, summed before they can overflow.
  std::size_t lines = 0;
  while (begin != end) {
    constexpr std::ptrdiff_t lanes = 64;
    unsigned char counts[lanes] = {};
    const std::ptrdiff_t rounds = std::min<std::ptrdiff_t>((end - begin) / lanes, 255);
    for (std::ptrdiff_t round = 0; round < rounds; ++round, begin += lanes)
      for (std::ptrdiff_t lane = 0; lane < lanes; ++lane)
        counts[lane] = static_cast<unsigned char>(counts[lane] + (begin[lane] == '\n'));
    for (const unsigned char count : counts) lines += count;
    if (rounds == 0)
      for (; begin != end; ++begin) lines += *begin == '\n';
  }
  return lines;
}

EdgeChunk parse_edges(const Block& block, bool weighted) {
  return weighted ? parse_block<true>(block) : parse_block<false>(block);
}

BigArray<ExternalId> parse_vertices(const Block& block) {
  BigArray<ExternalId> ids(count_lines(block.begin, block.end));
  std::size_t count = 0;
  for (const char* at = block.begin; at != block.end;) {
    const char* const stop = line_end(at, block.end);
    const std::string_view line(at, static_cast<std::size_t>(stop - at));
    const VertexLine read = read_vertex_line(line);
    if (read.kind == LineKind::bad)
      throw BadLine{static_cast<std::size_t>(at - block.begin), describe_bad_vertex(line)};
    if (read.kind == LineKind::good) ids[count++] = read.id;
    at = stop + 1;
  }
  ids.shrink(count);
  return ids;
}

}  // namespace gasket::text

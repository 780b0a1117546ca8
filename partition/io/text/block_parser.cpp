#include "partition/io/text/block_parser.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "partition/io/text/fast_id.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

const char* line_end(const char* line, const char* end) {
  return static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
}

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
template <Third third, bool arcs>
[[gnu::always_inline]] inline const char* fast_line(const char* line, const char* end, std::uint64_t& source,
                                                    std::uint64_t& target, double& weight) {
  const char* const columns = line + (arcs ? 2 : 0);
  if constexpr (arcs)
    if (line[0] != 'a' || line[1] != ' ') return nullptr;
  ColumnEnds ends(columns);
  const char* const source_end = ends.next();
  const char* const target_end = ends.next();
  if (!fast_id(columns, source_end, source) || !is_separator(*source_end) ||
      !fast_id(source_end + 1, target_end, target)) [[unlikely]]
    return nullptr;
  if constexpr (third == Third::absent) {
    if (*target_end == '\n') return target_end + 1;
    return *target_end == '\r' && target_end[1] == '\n' ? target_end + 2 : nullptr;
  }
  if constexpr (third == Third::ignored) return next_line(line, target_end, end);
  if (!is_separator(*target_end)) return nullptr;
  const char* weight_end = fast_weight(target_end + 1, ends, weight);
  if (weight_end == nullptr) {
    weight_end = target_end + 1;
    if (!read_weight(weight_end, end, weight)) return nullptr;
  }
  if (*weight_end == ',' && *target_end != ',') [[unlikely]]
    return nullptr;  // maybe a decimal comma
  return next_line(line, weight_end, end);
}

template <class Id>
struct Output {
  Id* pair;
  double* weight;
};

// Parses lines from `at` on into `out`; stops before the first line with an id that Id cannot hold, else at the end.
template <class Id, Third third, bool arcs>
const char* parse_lines(const Block& block, const char* at, Output<Id>& out) {
  constexpr EdgeGrammar grammar{third, arcs};
  constexpr std::uint64_t largest = std::numeric_limits<Id>::max();
  Id* pair = out.pair;
  double* weights = out.weight;
  const char* const end = block.end;
  while (at != end) {
    std::uint64_t source, target;
    double weight = 0;
    const char* next = fast_line<third, arcs>(at, end, source, target, weight);
    if (next == nullptr) [[unlikely]] {
      const char* const stop = line_end(at, end);
      const std::string_view line(at, static_cast<std::size_t>(stop - at));
      next = stop + 1;
      const EdgeLine edge = read_edge_line(line, grammar);
      if (edge.kind == LineKind::skipped) {
        at = next;
        continue;
      }
      if (edge.kind == LineKind::bad)
        throw BadLine{static_cast<std::size_t>(at - block.begin), describe_bad_edge(line, grammar)};
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
    if constexpr (third == Third::weight) *weights++ = weight;
    at = next;
  }
  out = {pair, weights};
  return at;
}

template <Third third, bool arcs>
EdgeChunk parse_block(const Block& block) {
  constexpr bool weighted = third == Third::weight;
  const std::size_t most = count_lines(block.begin, block.end);
  EdgeChunk chunk;
  chunk.narrow = BigArray<std::uint32_t>(2 * most);
  if constexpr (weighted) chunk.weights = BigArray<double>(most);

  Output<std::uint32_t> narrow{chunk.narrow.data(), chunk.weights.data()};
  const char* const rest = parse_lines<std::uint32_t, third, arcs>(block, block.begin, narrow);
  auto ids = static_cast<std::size_t>(narrow.pair - chunk.narrow.data());
  if (rest == block.end) {
    chunk.narrow.shrink(ids);
  } else {
    chunk.wide = BigArray<std::uint64_t>(2 * most);
    std::copy_n(chunk.narrow.data(), ids, chunk.wide.data());
    chunk.narrow.free();
    Output<std::uint64_t> wide{chunk.wide.data() + ids, narrow.weight};
    parse_lines<std::uint64_t, third, arcs>(block, rest, wide);
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

EdgeChunk parse_edges(const Block& block, EdgeGrammar grammar) {
  switch (grammar.third) {
    case Third::weight:
      return grammar.arcs ? parse_block<Third::weight, true>(block) : parse_block<Third::weight, false>(block);
    case Third::absent:
      return grammar.arcs ? parse_block<Third::absent, true>(block) : parse_block<Third::absent, false>(block);
    case Third::ignored:
      break;
  }
  return grammar.arcs ? parse_block<Third::ignored, true>(block) : parse_block<Third::ignored, false>(block);
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

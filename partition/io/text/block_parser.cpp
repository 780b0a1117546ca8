#include "partition/io/text/block_parser.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "partition/io/text/digits.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

const char* line_end(const char* line, const char* end) {
  return static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
}

// An id of 1 to 16 digits at `at`, which moves behind it; false when it is none or longer.
[[gnu::always_inline]] inline bool fast_id(const char*& at, std::uint64_t& id) {
  const EightCharacters first(at);
  const unsigned digits = first.digits();
  if (digits == 0) [[unlikely]]
    return false;
  id = first.number();
  at += digits;
  if (digits == 8) {
    const EightCharacters second(at);
    if (const unsigned more = second.digits(); more != 0) {
      if (more == 8) return false;  // perhaps more than 16: leave it to the careful path
      id = id * kPowersOf10[more] + second.number();
      at += more;
    }
  }
  return true;
}

// A weight that is a number of up to 15 digits, perhaps with a point among them: mantissa and power of ten are both
// exact doubles, so that one division rounds correctly (Clinger 1990). False when it is anything else.
[[gnu::always_inline]] inline bool fast_weight(const char*& at, double& weight) {
  const EightCharacters whole(at);
  const unsigned digits = whole.digits();
  if (digits == 0 || digits == 8) return false;
  std::uint64_t mantissa = whole.number();
  const char* next = at + digits;
  if (*next == '.') {
    const EightCharacters fraction(++next);
    const unsigned places = fraction.digits();
    if (places == 0) return false;
    mantissa = mantissa * kPowersOf10[places] + fraction.number();
    next += places;
    if (is_digit(*next)) return false;
    weight = static_cast<double>(mantissa) / static_cast<double>(kPowersOf10[places]);
  } else {
    weight = static_cast<double>(mantissa);
  }
  at = next;
  return true;
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
    const char* next = at;
    std::uint64_t source, target;
    double weight = 0;
    bool good = fast_id(next, source) && is_separator(*next) && fast_id(++next, target);
    if constexpr (weighted) good = good && is_separator(*next) && fast_weight(++next, weight);
    if (good) [[likely]] {
      if (*next == '\r') ++next;
      good = *next == '\n';
    }
    ++next;
    if (!good) [[unlikely]] {
      const char* const stop = line_end(at, end);
      const std::string_view line(at, static_cast<std::size_t>(stop - at));
      next = stop + 1;
      const EdgeLine read = read_edge_line(line, weighted);
      if (read.kind == LineKind::skipped) {
        at = next;
        continue;
      }
      if (read.kind == LineKind::bad)
        throw BadLine{static_cast<std::size_t>(at - block.begin), describe_bad_edge(line, weighted)};
      source = read.source;
      target = read.target;
      weight = read.weight;
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

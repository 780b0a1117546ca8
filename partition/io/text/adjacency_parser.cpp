#include "partition/io/text/adjacency_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "partition/hash.hpp"
#include "partition/io/text/fast_id.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

const char* line_end(const char* line, const char* end) {
  return static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
}

void skip_separators(const char*& at, const char* end) {
  while (at != end && is_separator(*at)) ++at;
}

// Steps over the id at `at`; false when there is none.
bool take_id(const char*& at, const char* end, std::uint64_t& id) {
  const int digits = std::countr_zero(find_column_ends(at));  // 64 readable bytes are behind every block
  if (at + digits <= end && fast_id(at, at + digits, id)) {
    at += digits;
    return true;
  }
  return read_id(at, end, id);
}

std::string_view word_at(const char* at, const char* end) {
  return {at, static_cast<std::size_t>(std::find_if(at, end, is_separator) - at)};
}

// The lines of a block, one after the other, without their line ends.
class Lines {
 public:
  explicit Lines(const Block& block) : block_(block), after_(block.begin) {}

  bool next() {
    if (after_ == block_.end) return false;
    begin_ = after_;
    const char* const stop = line_end(begin_, block_.end);
    after_ = stop + 1;
    // The reader has cut it behind that.
    if (static_cast<std::size_t>(stop - begin_) > kLongestAdjacency)
      fail(fmt::format("expected a line of at most {} bytes", kLongestAdjacency));
    line_ = without_carriage_return({begin_, static_cast<std::size_t>(stop - begin_)});
    return true;
  }
  std::string_view line() const { return line_; }
  const char* end() const { return line_.data() + line_.size(); }
  [[noreturn]] void fail(std::string message) const {
    throw BadLine{static_cast<std::size_t>(begin_ - block_.begin), std::move(message)};
  }
  [[noreturn]] void fail_id(const char* at, const char* what) const {
    if (looks_binary(line_)) fail(fmt::format("expected a line of text, found {}", shown(line_)));
    const std::string_view word = word_at(at, end());
    fail(word.empty() ? fmt::format("expected {}, found the end of the line", what)
                      : fmt::format("expected {}, found {}", what, shown(word)));
  }

 private:
  const Block& block_;
  const char* after_;
  const char* begin_ = nullptr;
  std::string_view line_;
};

// As many pairs as the block can hold: no pair is written in fewer than two bytes.
std::size_t most_pairs(const Block& block) { return block.size() / 2 + 1; }

// False when an id does not fit.
template <class Id>
bool parse_adjacency_as(const Block& block, BigArray<Id>& pairs, std::vector<ExternalId>& lone) {
  pairs = BigArray<Id>(2 * most_pairs(block));
  std::size_t filled = 0;
  for (Lines lines(block); lines.next();) {
    if (is_blank_or_comment(lines.line())) continue;
    const char* at = lines.line().data();
    const char* const end = lines.end();
    while (is_blank(*at)) ++at;
    std::uint64_t source = 0;
    if (!take_id(at, end, source)) lines.fail_id(at, "a vertex id");
    if (at != end && *at != ':' && !is_separator(*at)) lines.fail_id(at, "a blank or a colon behind the vertex id");
    while (at != end && is_blank(*at)) ++at;
    if (at != end && *at == ':') ++at;
    skip_separators(at, end);
    if (at == end) lone.push_back(source);
    std::uint64_t wide = source;
    while (at != end) {
      std::uint64_t target = 0;
      const char* const begin = at;
      if (!take_id(at, end, target) || (at != end && !is_separator(*at))) lines.fail_id(begin, "the id of a neighbour");
      skip_separators(at, end);
      wide |= target;
      pairs[filled++] = static_cast<Id>(source);
      pairs[filled++] = static_cast<Id>(target);
    }
    if (wide > std::numeric_limits<Id>::max()) return false;
  }
  pairs.shrink(filled);
  return true;
}

std::uint64_t hash_of_edge(std::uint64_t low, std::uint64_t high, double weight) {
  return mix(mix(mix(low) + high) + std::bit_cast<std::uint64_t>(weight));
}

// Steps over a number in front of the neighbours.
void skip_number(const Lines& lines, const char*& at) {
  double ignored = 0;
  const char* const begin = at;
  if (!read_weight(at, lines.end(), ignored) || (at != lines.end() && !is_blank(*at)))
    lines.fail_id(begin, "a weight of the vertex, which the header announces");
  skip_separators(at, lines.end());
}

template <class Id>
void parse_metis_as(const Block& block, const MetisLines& format, BigArray<Id>& pairs, MetisBlock& result) {
  pairs = BigArray<Id>(2 * most_pairs(block));
  if (format.weights) result.edges.weights = BigArray<double>(most_pairs(block));
  std::size_t edges = 0;
  std::uint64_t vertex = block.before;
  for (Lines lines(block); lines.next();) {
    if (lines.line().starts_with('%')) continue;
    const char* at = lines.line().data();
    const char* const end = lines.end();
    skip_separators(at, end);
    if (++vertex > format.vertices) {
      if (at == end) continue;  // blank lines at the end
      lines.fail(fmt::format("expected no line behind that of vertex {}, the last that the header announces, found {}",
                             format.vertices, shown(lines.line())));
    }
    for (std::uint64_t i = 0; i < format.skipped; ++i) skip_number(lines, at);
    while (at != end) {
      std::uint64_t other = 0;
      const char* begin = at;
      if (!take_id(at, end, other) || (at != end && !is_separator(*at))) lines.fail_id(begin, "the id of a neighbour");
      if (other - 1 >= format.vertices)
        lines.fail(fmt::format("expected neighbours from 1 to {}, found {}", format.vertices, other));
      skip_separators(at, end);
      double weight = 0;
      if (format.weights) {
        begin = at;
        if (!read_weight(at, end, weight) || (at != end && !is_separator(*at)))
          lines.fail_id(begin, "the weight of an edge, which the header announces");
        if (format.refuse_negative && weight < 0 && !(format.but_self_loops && other == vertex))
          lines.fail(describe_negative_weight(weight));
        skip_separators(at, end);
      }
      ++result.listed;
      if (other < vertex) {
        result.balance -= hash_of_edge(other, vertex, weight);
        continue;
      }
      if (other == vertex)
        ++result.loops;
      else
        result.balance += hash_of_edge(vertex, other, weight);
      pairs[2 * edges] = static_cast<Id>(vertex);
      pairs[2 * edges + 1] = static_cast<Id>(other);
      if (format.weights) result.edges.weights[edges] = weight;
      ++edges;
    }
  }
  pairs.shrink(2 * edges);
  if (format.weights) result.edges.weights.shrink(edges);
}

}  // namespace

AdjacencyBlock parse_adjacency(const Block& block) {
  AdjacencyBlock result;
  std::vector<ExternalId> lone;
  if (!parse_adjacency_as(block, result.edges.narrow, lone)) {
    result.edges.narrow.free();
    lone.clear();
    parse_adjacency_as(block, result.edges.wide, lone);
  }
  result.lone = BigArray<ExternalId>(std::span<const ExternalId>(lone));
  return result;
}

MetisBlock parse_metis(const Block& block, const MetisLines& lines) {
  MetisBlock result;
  if (lines.vertices <= std::numeric_limits<std::uint32_t>::max())
    parse_metis_as(block, lines, result.edges.narrow, result);
  else
    parse_metis_as(block, lines, result.edges.wide, result);
  return result;
}

std::uint64_t count_metis_vertices(const Block& block) {
  std::uint64_t lines = count_lines(block.begin, block.end);
  for (const char* at = block.begin; at != block.end; ++at) {
    at = static_cast<const char*>(std::memchr(at, '%', static_cast<std::size_t>(block.end - at)));
    if (at == nullptr) break;
    if (at == block.begin || at[-1] == '\n') --lines;
  }
  return lines;
}

}  // namespace gasket::text

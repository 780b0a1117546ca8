#include "partition/place/vertex_rows.hpp"

#include <algorithm>

#include "partition/comm/exchange.hpp"

namespace gasket {
namespace {

// The pairs (row's vertex, neighbour) that go to each rank.
std::vector<BigArray<std::uint32_t>> deal(const PlacementInput& input, Neighbours neighbours, const auto& owner) {
  std::vector<std::size_t> sizes(static_cast<std::size_t>(input.comm->size()));
  const auto visit_all = [&](const auto& visit) {
    for (const EdgeChunk& chunk : input.edges)
      chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) {
        visit(target, source);
        if (neighbours == Neighbours::both && source != target) visit(source, target);
      });
  };
  visit_all([&](GlobalId row, GlobalId) { sizes[owner(row)] += 2; });
  std::vector<BigArray<std::uint32_t>> pairs(sizes.begin(), sizes.end());
  std::vector<std::size_t> next(sizes.size());
  visit_all([&](GlobalId row, GlobalId neighbour) {
    const std::size_t r = owner(row);
    pairs[r][next[r]++] = static_cast<std::uint32_t>(row);
    pairs[r][next[r]++] = static_cast<std::uint32_t>(neighbour);
  });
  return pairs;
}

}  // namespace

void refuse_wide(const PlacementInput& input) {
  if (input.vertices > (GlobalId{1} << 32))
    throw_agreed(ResourceError("this placement takes at most 2^32 vertices; choose dbh, random or hdrf"));
}

VertexRows gather_rows(const PlacementInput& input, Neighbours neighbours, Slices slices) {
  refuse_wide(input);
  Communicator& comm = *input.comm;
  const auto begin_of = [&](int r) {
    if (slices == Slices::equal) return comm.slice(input.vertices, r);
    return r == 0 ? GlobalId{0} : input.vertices;
  };
  VertexRows rows;
  rows.begin = begin_of(comm.rank());
  rows.end = begin_of(comm.rank() + 1);
  rows.offsets = BigArray<std::uint64_t>(rows.end - rows.begin + 1);
  std::vector<GlobalId> begins;
  for (int r = 1; r < comm.size(); ++r) begins.push_back(begin_of(r));
  const auto owner = [&](GlobalId v) {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins, v) - begins.begin());
  };
  std::vector<BigArray<std::uint32_t>> pairs;
  if (comm.size() > 1) pairs = exchange(comm, deal(input, neighbours, owner));
  const auto visit_all = [&](const auto& visit) {
    for (const BigArray<std::uint32_t>& list : pairs)
      for (std::size_t i = 0; i < list.size(); i += 2) visit(list[i], list[i + 1]);
    if (comm.size() > 1) return;
    for (const EdgeChunk& chunk : input.edges)
      chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) {
        visit(target, static_cast<std::uint32_t>(source));
        if (neighbours == Neighbours::both && source != target) visit(source, static_cast<std::uint32_t>(target));
      });
  };
  BigArray<std::uint64_t> next(rows.offsets.size());
  visit_all([&](GlobalId row, std::uint32_t) { ++rows.offsets[row - rows.begin + 1]; });
  for (std::size_t i = 1; i < rows.offsets.size(); ++i) rows.offsets[i] += rows.offsets[i - 1];
  std::ranges::copy(rows.offsets, next.begin());
  rows.neighbours = BigArray<std::uint32_t>(rows.offsets.back());
  visit_all([&](GlobalId row, std::uint32_t neighbour) { rows.neighbours[next[row - rows.begin]++] = neighbour; });
  return rows;
}

}  // namespace gasket

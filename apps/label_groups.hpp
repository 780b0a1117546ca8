#pragma once
// Vertices that share a label (components, communities): how many such groups there are, and which are the largest.

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "partition/comm/exchange.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct LabelGroup {
  GlobalId label;
  std::uint64_t vertices;
};

struct LabelGroups {
  std::uint64_t number = 0;
  std::vector<LabelGroup> largest;  // the largest first, ties by smaller label; the same on every rank
};

/// `labels` of the masters are global ids. The size of every group is counted at the rank whose slice of ids its label
/// is in. Collective. Memory: per rank the labels of its masters and of its slice.
template <class Label>
LabelGroups count_groups(const DistributedGraph& graph, const BigArray<Label>& labels, std::size_t count) {
  Communicator& comm = graph.communicator();
  std::unordered_map<GlobalId, std::uint64_t> sizes;
  for (const Label label : labels) ++sizes[label];
  std::vector<std::vector<LabelGroup>> to(static_cast<std::size_t>(comm.size()));
  for (const auto& [label, size] : sizes) {
    int r = 0;
    while (label >= comm.slice(graph.vertices(), r + 1)) ++r;
    to[static_cast<std::size_t>(r)].push_back({label, size});
  }
  std::vector<BigArray<LabelGroup>> outgoing;
  for (const auto& list : to) outgoing.emplace_back(std::span<const LabelGroup>(list));
  sizes.clear();
  for (const auto& list : exchange(comm, std::move(outgoing)))
    for (const LabelGroup& part : list) sizes[part.label] += part.vertices;

  LabelGroups result;
  result.number = comm.sum<std::uint64_t>(sizes.size());
  std::vector<LabelGroup> mine;
  for (const auto& [label, size] : sizes) mine.push_back({label, size});
  const auto first = [](const LabelGroup& a, const LabelGroup& b) {
    return a.vertices != b.vertices ? a.vertices > b.vertices : a.label < b.label;
  };
  std::ranges::sort(mine, first);
  mine.resize(std::min(mine.size(), count));
  result.largest = comm.all_gather_spans(std::span<const LabelGroup>(mine));
  std::ranges::sort(result.largest, first);
  result.largest.resize(std::min(result.largest.size(), count));
  return result;
}

}  // namespace gasket

#pragma once
// The common part of Fennel, LDG and Ginger: vertices go one after the other, in the order of their ids, to the part of
// highest score(neighbours there, load), or to the least loaded one.
//
// Every rank streams a slice of the vertices with their neighbours; after each batch the ranks tell each other whom they
// have put where (2 bytes a vertex) and add up the loads. What is balanced is not the number of vertices but their
// in-edges and a little for the vertex itself, because that is what a superstep costs; the limit is 1.05 of its
// share, as far as whole vertices have room in it. O(degree + log p) per vertex, O(p) where the least loaded part has no room; 2 bytes per vertex on every rank, and the rows of the slice.

#include <vector>

#include "partition/place/part_loads.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {

/// weight(v): what v brings to its part; score(neighbours in the part, load of the part
/// by its share); placed(v) -> whether the stream places v; `owners` are known for
/// the others. Collective.
template <class Weight, class Score, class Placed>
void stream_vertices(const PlacementInput& input, const VertexRows& rows, BigArray<std::uint16_t>& owners,
                     const Weight& weight, const Score& score, const Placed& placed) {
  constexpr std::uint16_t nobody = 0xffff;
  Communicator& comm = *input.comm;
  std::uint64_t total = 0;
  for (GlobalId v = 0; v < input.vertices; ++v) total += weight(v);
  PartLoads loads(PartShares(input.parts, input.weights), total, 1.05);
  for (GlobalId v = 0; v < input.vertices; ++v)
    if (placed(v))
      owners[v] = nobody;
    else if (comm.rank() == 0)  // the ranks add up what they know
      loads.add(owners[v], weight(v));
  std::vector<std::uint32_t> there(input.parts);
  std::vector<PartId> touched;

  const auto choose = [&](GlobalId v) {
    touched.clear();
    for (const std::uint32_t u : rows.of(v)) {
      if (owners[u] == nobody) continue;
      if (there[owners[u]]++ == 0) touched.push_back(owners[u]);
    }
    PartId best = loads.least_open(weight(v));
    double highest = score(there[best], loads[best]);
    for (const PartId q : touched) {
      const double value = score(there[q], loads[q]);
      // Of equal ones the first part, whatever the order of the neighbours.
      if ((value > highest || (value == highest && q < best)) && !loads.full(q, weight(v))) {
        highest = value;
        best = q;
      }
    }
    for (const PartId q : touched) there[q] = 0;
    return best;
  };

  const GlobalId slice = comm.max(rows.end - rows.begin);
  const GlobalId batch = comm.size() == 1 ? slice : std::clamp<GlobalId>(slice / 64, 1, 4096);
  for (GlobalId at = 0; at < slice; at += batch) {
    const auto begin_of = [&](int r) {  // of rank r's batch
      const GlobalId begin = comm.slice(input.vertices, r);
      return begin + std::min(at, comm.slice(input.vertices, r + 1) - begin);
    };
    const auto end_of = [&](int r) { return std::min(begin_of(r) + batch, comm.slice(input.vertices, r + 1)); };
    if (comm.size() > 1) {
      std::uint64_t mine = 0;
      for (GlobalId v = begin_of(comm.rank()); v < end_of(comm.rank()); ++v) mine += placed(v) ? weight(v) : 0;
      loads.exchange(comm, mine);
    }
    for (GlobalId v = begin_of(comm.rank()); v < end_of(comm.rank()); ++v) {
      if (!placed(v)) continue;
      const PartId part = choose(v);
      loads.add(part, weight(v));
      owners[v] = static_cast<std::uint16_t>(part);
    }
    if (comm.size() == 1) continue;
    const GlobalId begin = begin_of(comm.rank());
    const auto news =
        comm.all_gather_spans(std::span<const std::uint16_t>(owners.data() + begin, end_of(comm.rank()) - begin));
    for (std::size_t r = 0, next = 0; r < static_cast<std::size_t>(comm.size()); ++r) {
      const GlobalId first = begin_of(static_cast<int>(r)), count = end_of(static_cast<int>(r)) - first;
      std::copy_n(news.begin() + static_cast<std::ptrdiff_t>(next), count, owners.begin() + first);
      next += count;
    }
  }
}

}  // namespace gasket

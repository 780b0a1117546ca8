// The Hybrid Edge Partitioner (Mayer, Jacobsen: Hybrid Edge Partitioner, SIGMOD 2021, section 3): parts grow by
// neighbourhood expansion (expansion.hpp) over the edges with an end that is no hub; the edges between hubs are then
// placed one after the other, where copies of their ends are (informed_stream.hpp). Hubs are vertices of more than 30
// times the average degree: scanning them in every part would cost parts times their edges, and they end in nearly all
// parts anyway.
//
// On rank 0 alone, in its memory: at most 18 bytes per edge, 10 where it is the only rank, and for each vertex about 30,
// and a bit per part. No part gets more than 1.045 of its share.

#include <cmath>
#include <limits>
#include <vector>

#include "partition/place/assigned_edges.hpp"
#include "partition/place/expansion.hpp"
#include "partition/place/gathered_edges.hpp"
#include "partition/place/informed_stream.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

constexpr double kHubFactor = 30;  // times the average degree
constexpr double kSlack = 1.045;
constexpr std::uint16_t kNone = 0xffff;

// Gives every edge of the list the first part that both its ends have joined; returns the edges without one.
std::vector<std::uint32_t> settle(std::span<const std::uint32_t> list, PartSets& sets, std::span<std::uint16_t> parts) {
  constexpr std::size_t ahead = 96, block = 4096;
  std::vector<std::uint32_t> rest;
  std::uint32_t without[block];  // of the block, written before it is known whether the edge is one
  for (std::size_t begin = 0; begin < parts.size(); begin += block) {
    std::size_t found = 0;
    for (std::size_t edge = begin; edge < std::min(begin + block, parts.size()); ++edge) {
      if (edge + ahead < parts.size()) {
        sets.prefetch(list[2 * (edge + ahead)]);
        sets.prefetch(list[2 * (edge + ahead) + 1]);
      }
      const PartId part = sets.meet(list[2 * edge], list[2 * edge + 1], kNone);
      parts[edge] = static_cast<std::uint16_t>(part);
      without[found] = static_cast<std::uint32_t>(edge);
      found += part == kNone;
    }
    rest.insert(rest.end(), without, without + found);
  }
  return rest;
}

// What the parts may get besides their loads.
std::vector<EdgeCount> room_besides(const std::vector<EdgeCount>& loads, const PartShares& shares, EdgeCount edges) {
  std::vector<EdgeCount> room;
  for (PartId q = 0; q < shares.parts(); ++q) {
    const double share = static_cast<double>(edges) * shares[q] / shares.parts();
    room.push_back(static_cast<EdgeCount>(std::ceil(kSlack * share)) - loads[q]);
  }
  return room;
}

void place_rest(std::span<const std::uint32_t> list, std::span<const std::uint32_t> rest, const PartSets& sets,
                InformedStream& stream, std::span<std::uint16_t> parts) {
  constexpr std::size_t ahead = 32;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (i + ahead < rest.size())
      for (const std::size_t end : {0, 1}) sets.prefetch(list[2 * std::size_t{rest[i + ahead]} + end]);
    const std::size_t edge = rest[i];
    parts[edge] = static_cast<std::uint16_t>(stream.place(list[2 * edge], list[2 * edge + 1]));
  }
}

// The parts of the edges, in lists like theirs.
PartLists place_all(const EdgePairs& pairs, std::span<const std::uint32_t> degrees, const PartShares& shares) {
  EdgeCount edges = 0;
  for (const auto list : pairs) edges += list.size() / 2;
  ExpansionRows rows(pairs, degrees, kHubFactor);
  PartSets sets(degrees.size(), shares.parts(), rows.hubs());
  const std::vector<EdgeCount> loads = Expansion(rows, sets, shares, kSlack).run();
  PartLists parts;
  std::vector<std::vector<std::uint32_t>> rest;
  for (const auto list : pairs) {
    parts.emplace_back(list.size() / 2);
    rest.push_back(settle(list, sets, parts.back().span()));
  }
  InformedStream stream(sets, room_besides(loads, shares, edges));
  for (std::size_t i = 0; i < pairs.size(); ++i) place_rest(pairs[i], rest[i], sets, stream, parts[i].span());
  return parts;
}

}  // namespace

std::unique_ptr<Placement> make_hep_placement(const PlacementInput& input) {
  Communicator& comm = *input.comm;
  EdgeCount mine = 0;
  for (const EdgeChunk& chunk : input.edges) mine += chunk.size();
  if (comm.sum(mine) >= std::numeric_limits<std::uint32_t>::max())
    throw_agreed(ResourceError("--placement hep: takes at most 2^32 - 2 edges; choose hdrf or 2psl"));
  const GatheredEdges gathered(input);
  PartLists parts;
  if (comm.rank() == 0) parts = place_all(gathered.pairs(), input.degrees, PartShares(input.parts, input.weights));
  return std::make_unique<AssignedEdges>(input, gathered.give_back(std::move(parts)));
}

}  // namespace gasket

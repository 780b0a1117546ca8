// The Hybrid Edge Partitioner (Mayer, Jacobsen: Hybrid Edge Partitioner, SIGMOD 2021, section 3): parts grow by
// neighbourhood expansion (expansion.hpp) over the edges with an end that is no hub; the edges between hubs are then
// placed one after the other, where copies of their ends are (informed_stream.hpp). Hubs are vertices of more than 30
// times the average degree: scanning them in every part would cost parts times their edges, and they end in nearly all
// parts anyway.
//
// On rank 0 alone, in its memory: 24 bytes per edge, and 28 and an eighth per part for each vertex. No part gets more
// than 1.045 of its share.

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

// Gives every edge the first part that both its ends have joined; returns the edges without one.
std::vector<std::uint32_t> settle(const EdgePairs& pairs, PartSets& sets, std::span<std::uint16_t> parts) {
  constexpr std::size_t ahead = 192, block = 4096;
  std::vector<std::uint32_t> rest;
  std::uint32_t without[block];  // of the block, written before it is known whether the edge is one
  std::uint32_t edge = 0;
  for (const auto& list : pairs)
    for (std::size_t begin = 0; begin < list.size(); begin += 2 * block) {
      std::size_t found = 0;
      for (std::size_t i = begin; i < std::min(begin + 2 * block, list.size()); i += 2, ++edge) {
        if (i + ahead < list.size()) {
          sets.prefetch(list[i + ahead]);
          sets.prefetch(list[i + ahead + 1]);
        }
        const PartId part = sets.meet(list[i], list[i + 1], kNone);
        parts[edge] = static_cast<std::uint16_t>(part);
        without[found] = edge;
        found += part == kNone;
      }
      rest.insert(rest.end(), without, without + found);
    }
  return rest;
}

std::vector<EdgeCount> room_left(std::span<const std::uint16_t> placed, const PartShares& shares) {
  std::vector<EdgeCount> room;
  for (PartId q = 0; q < shares.parts(); ++q)
    room.push_back(
        static_cast<EdgeCount>(std::ceil(kSlack * static_cast<double>(placed.size()) * shares[q] / shares.parts())));
  for (const std::uint16_t part : placed)
    if (part != kNone) --room[part];
  return room;
}

void stream(const EdgePairs& pairs, std::span<const std::uint32_t> rest, InformedStream placing,
            std::span<std::uint16_t> parts) {
  std::uint32_t begin = 0;
  std::size_t next = 0;
  for (const auto& list : pairs) {
    const auto size = static_cast<std::uint32_t>(list.size() / 2);
    for (; next < rest.size() && rest[next] - begin < size; ++next) {
      const std::uint32_t* const ends = list.data() + 2 * std::size_t{rest[next] - begin};
      parts[rest[next]] = static_cast<std::uint16_t>(placing.place(ends[0], ends[1]));
    }
    begin += size;
  }
}

// The part of each edge, in the order of the pairs.
BigArray<std::uint16_t> place_all(const EdgePairs& pairs, std::span<const std::uint32_t> degrees,
                                  const PartShares& shares) {
  std::size_t edges = 0;
  for (const auto& list : pairs) edges += list.size() / 2;
  ExpansionRows rows(pairs, degrees, kHubFactor);
  PartSets sets(degrees.size(), shares.parts(), rows.hubs());
  Expansion(rows, sets, shares, kSlack).run();
  BigArray<std::uint16_t> parts(edges);
  const std::vector<std::uint32_t> rest = settle(pairs, sets, parts.span());
  stream(pairs, rest, InformedStream(sets, room_left(parts.span(), shares)), parts.span());
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
  BigArray<std::uint16_t> parts;
  if (comm.rank() == 0) parts = place_all(gathered.pairs(), input.degrees, PartShares(input.parts, input.weights));
  return std::make_unique<AssignedEdges>(input, gathered.give_back(std::move(parts)));
}

}  // namespace gasket

#include "partition/build/local_ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "partition/build/masters.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/graph/ranked_bitmap.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::size_t kBatch = std::size_t{1} << 16;

// Calls visit(vertex, part of its master) for vertices begin .. end-1 in order.
template <class Visit>
void for_each_master(const Masters& masters, GlobalId begin, GlobalId end, const Visit& visit) {
  std::vector<PartId> parts(kBatch);
  for (GlobalId first = begin; first < end; first += kBatch) {
    const std::size_t count = std::min<GlobalId>(kBatch, end - first);
    masters.of(first, std::span(parts).first(count));
    for (std::size_t i = 0; i < count; ++i) visit(first + i, parts[i]);
  }
}

struct Uses {
  RankedBitmap present;  // masters of this rank and all ends of its arcs
  RankedBitmap sources;
  RankedBitmap targets;
};

Uses find_uses(const Arcs& arcs, GlobalId vertices) {
  Uses uses{RankedBitmap(vertices), RankedBitmap(vertices), RankedBitmap(vertices)};
  parallel::for_each_index(arcs.blocks.size(), [&](std::size_t b) {
    arcs.for_each_arc(arcs.blocks[b], [&](GlobalId source, GlobalId target, std::size_t) {
      uses.sources.insert(source);
      uses.targets.insert(target);
      uses.present.insert(source);
      uses.present.insert(target);
    });
  });
  return uses;
}

void add_masters(Uses& uses, GlobalId vertices, const Masters& masters, PartId me) {
  parallel::for_ranges(vertices, std::size_t{1} << 20, [&](GlobalId begin, GlobalId end) {
    for_each_master(masters, begin, end, [&](GlobalId v, PartId part) {
      if (part == me) uses.present.insert(v);
    });
  });
  uses.present.finish();
}

// The present vertices by owner and use: owner me first without groups, then the other ranks in ring order.
struct Order {
  std::vector<GlobalId> masters;
  struct Owner {
    std::vector<GlobalId> group[3];  // only target, both, only source
  };
  std::vector<Owner> owners;  // by rank
};

Order sort_by_owner(const Uses& uses, GlobalId vertices, const Masters& masters, PartId me, std::size_t ranks) {
  Order order;
  order.owners.resize(ranks);
  for_each_master(masters, 0, vertices, [&](GlobalId v, PartId part) {
    if (!uses.present.contains(v)) return;
    if (part == me)
      order.masters.push_back(v);
    else
      order.owners[part].group[!uses.sources.contains(v) ? 0 : uses.targets.contains(v) ? 1 : 2].push_back(v);
  });
  return order;
}

void rewrite_to_local(Arcs& arcs, const RankedBitmap& present, const BigArray<LocalId>& local) {
  parallel::for_each_index(arcs.blocks.size(), [&](std::size_t b) {
    EdgeChunk& block = arcs.blocks[b];
    if (block.narrow.empty()) {
      block.narrow = BigArray<LocalId>(block.wide.size());
      for (std::size_t i = 0; i < block.wide.size(); ++i) block.narrow[i] = local[present.position(block.wide[i])];
      block.wide.free();
    } else {
      for (std::uint32_t& id : block.narrow) id = local[present.position(id)];
    }
  });
}

// Tells every owner which of its masters we hold copies of, and learns the same from the others.
void agree_on_copies(Communicator& comm, const LocalIds& ids, GhostPlan& plan) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<BigArray<std::uint64_t>> outgoing(ranks);
  for (const GhostPlan::Peer& peer : plan.peers) {
    const GhostPlan::Groups& g = peer.ghosts;
    BigArray<std::uint64_t> list(2 + g.end - g.targets);
    list[0] = g.both - g.targets;
    list[1] = g.sources - g.targets;
    std::copy(ids.global_ids.begin() + g.targets, ids.global_ids.begin() + g.end, list.begin() + 2);
    outgoing[static_cast<std::size_t>(peer.rank)] = std::move(list);
  }
  const std::vector<BigArray<std::uint64_t>> incoming = exchange(comm, std::move(outgoing));
  const auto masters = ids.global_ids.span().first(ids.masters);
  for (GhostPlan::Peer& peer : plan.peers) {
    const BigArray<std::uint64_t>& list = incoming[static_cast<std::size_t>(peer.rank)];
    peer.copies = {0, list[0], list[1], list.size() - 2};
    peer.masters.resize(list.size() - 2);
    // Each of the three groups ascends, so each is found by one walk over the masters.
    auto at = masters.begin();
    for (std::size_t i = 0; i < peer.masters.size(); ++i) {
      if (i == peer.copies.both || i == peer.copies.sources) at = masters.begin();
      at = std::lower_bound(at, masters.end(), list[i + 2]);
      peer.masters[i] = static_cast<LocalId>(at - masters.begin());
    }
  }
  std::erase_if(plan.peers, [](const GhostPlan::Peer& peer) {
    return peer.ghosts.end == peer.ghosts.targets && peer.masters.empty();
  });
}

}  // namespace

LocalIds assign_local_ids(Communicator& comm, Arcs& arcs, GlobalId vertices, const Placement& placement) {
  const auto me = static_cast<PartId>(comm.rank());
  const auto ranks = static_cast<std::size_t>(comm.size());
  LocalIds ids;
  Uses uses = find_uses(arcs, vertices);
  const Masters masters(comm, uses.sources, uses.targets, placement);
  add_masters(uses, vertices, masters, me);
  comm.agree([&] {
    if (uses.present.count() >= std::numeric_limits<LocalId>::max())
      throw ResourceError(fmt::format("rank {} would hold {} vertices; a rank takes at most 2^32 - 2: use more ranks",
                                      me, uses.present.count()));
  });
  Order order = sort_by_owner(uses, vertices, masters, me, ranks);
  uses.sources = RankedBitmap();
  uses.targets = RankedBitmap();

  ids.masters = static_cast<LocalId>(order.masters.size());
  ids.global_ids = BigArray<GlobalId>(uses.present.count());
  BigArray<LocalId> local(uses.present.count());  // by position in `present`
  LocalId next = 0;
  const auto append = [&](const std::vector<GlobalId>& list) {
    for (const GlobalId v : list) {
      local[uses.present.position(v)] = next;
      ids.global_ids[next++] = v;
    }
  };
  append(order.masters);
  for (std::size_t step = 1; step < ranks; ++step) {
    GhostPlan::Peer peer;
    peer.rank = static_cast<int>((me + step) % ranks);
    Order::Owner& owner = order.owners[static_cast<std::size_t>(peer.rank)];
    peer.ghosts.targets = next;
    append(owner.group[0]);
    peer.ghosts.both = next;
    append(owner.group[1]);
    peer.ghosts.sources = next;
    append(owner.group[2]);
    peer.ghosts.end = next;
    owner = Order::Owner();
    ids.plan.peers.push_back(std::move(peer));
  }
  rewrite_to_local(arcs, uses.present, local);
  agree_on_copies(comm, ids, ids.plan);
  return ids;
}

}  // namespace gasket

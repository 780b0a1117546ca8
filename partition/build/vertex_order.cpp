#include "partition/build/vertex_order.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>

#include "partition/bitmap.hpp"
#include "partition/build/at_masters.hpp"
#include "partition/graph/ranked_bitmap.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

// Ends of arcs at each local vertex; masters' counts are of the whole graph.
BigArray<std::uint32_t> count_ends(Communicator& comm, const Arcs& arcs, const LocalIds& ids) {
  BigArray<std::uint32_t> counts(ids.global_ids.size());
  const bool alone = parallel::threads() == 1;
  const auto bump = [&](std::uint64_t v) {
    if (alone)
      ++counts[v];
    else
      std::atomic_ref<std::uint32_t>(counts[v]).fetch_add(1, std::memory_order_relaxed);
  };
  parallel::for_each_index(arcs.blocks.size(), [&](std::size_t b) {
    arcs.blocks[b].for_each([&](std::uint64_t source, std::uint64_t target, std::size_t) {
      bump(source);
      bump(target);
    });
  });
  add_at_masters(comm, ids.plan, counts);
  return counts;
}

// The masters know their groups; the ghosts are told.
BigArray<std::uint8_t> find_groups(Communicator& comm, const BigArray<std::uint32_t>& counts, const LocalIds& ids) {
  BigArray<std::uint8_t> groups(counts.size());
  parallel::for_ranges(ids.masters, std::size_t{1} << 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) groups[v] = degree_group(counts[v]);
  });
  std::vector<BigArray<std::uint8_t>> outgoing;
  std::vector<Pending> messages;
  for (const GhostPlan::Peer& peer : ids.plan.peers) {
    BigArray<std::uint8_t> mine(peer.masters.size());
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i] = groups[peer.masters[i]];
    outgoing.push_back(std::move(mine));
  }
  for (std::size_t i = 0; i < ids.plan.peers.size(); ++i) {
    const GhostPlan::Peer& peer = ids.plan.peers[i];
    messages.push_back(comm.receive(peer.rank, Tag::broadcast,
                                    groups.span().subspan(peer.ghosts.targets, peer.ghosts.end - peer.ghosts.targets)));
    messages.push_back(comm.send(peer.rank, Tag::broadcast, std::span<const std::uint8_t>(outgoing[i].span())));
  }
  comm.wait_all(messages);
  return groups;
}

// Stable counting sort of positions begin .. end-1 by group: place(position, sorted position).
template <class GroupAt, class Place>
void sort_range(std::size_t begin, std::size_t end, const GroupAt& group_at, const Place& place) {
  std::array<std::size_t, kDegreeGroups> next{};
  for (std::size_t i = begin; i < end; ++i) ++next[group_at(i)];
  std::exclusive_scan(next.begin(), next.end(), next.begin(), begin);
  for (std::size_t i = begin; i < end; ++i) place(i, next[group_at(i)]++);
}

// The three groups of a peer's list are sorted each for itself, so that they stay ranges.
template <class GroupAt, class Place>
void sort_roles(const GhostPlan::Groups& roles, const GroupAt& group_at, const Place& place) {
  sort_range(roles.targets, roles.both, group_at, place);
  sort_range(roles.both, roles.sources, group_at, place);
  sort_range(roles.sources, roles.end, group_at, place);
}

// New local id of each local vertex.
BigArray<LocalId> find_order(const LocalIds& ids, const BigArray<std::uint8_t>& groups) {
  BigArray<LocalId> order(groups.size());
  const auto group_at = [&](std::size_t v) { return groups[v]; };
  const auto place = [&](std::size_t v, std::size_t to) { order[v] = static_cast<LocalId>(to); };
  sort_range(0, ids.masters, group_at, place);
  for (const GhostPlan::Peer& peer : ids.plan.peers) sort_roles(peer.ghosts, group_at, place);
  return order;
}

// How many cache lines of values a sweep over the rows touches in a few windows of about 2^16 arcs, were the vertices
// numbered by `number`: what of the values must be fetched anew when a core's cache has held the last window.
class Locality {
 public:
  /// Adds the rows in its windows to `sampled`.
  template <class Number>
  Locality(const BigArray<std::uint32_t>& counts, const Number& number, Bitmap& sampled) : window_of_(counts.size()) {
    BigArray<LocalId> vertex(counts.size());
    std::uint64_t total = 0;
    for (std::size_t v = 0; v < counts.size(); ++v) {
      vertex[number(v)] = static_cast<LocalId>(v);
      total += counts[v];
    }
    std::uint64_t before = 0;
    const std::uint64_t stride = std::max<std::uint64_t>(total / kWindows, 1);
    const std::uint64_t length = std::min(kArcs, stride / 4 + 1);  // windows are a sample, on small graphs too
    for (const LocalId v : vertex) {
      // One long row would fill a window alone, and says little: its sorted neighbours are read in order.
      if (counts[v] < kArcs / 4 && before % stride < length) {
        window_of_[v] = static_cast<std::uint8_t>(1 + before / stride % kWindows);
        sampled.insert(v);
      }
      before += counts[v];
    }
    for (RankedBitmap& lines : lines_) lines = RankedBitmap(counts.size() / kLine + 1);
  }

  /// An arc into `row` reads the value of the vertex of that number. By several workers at once.
  void read(LocalId row, LocalId neighbour_number) {
    if (const std::uint8_t window = window_of_[row]; window != 0) lines_[window - 1].insert(neighbour_number / kLine);
  }
  std::uint64_t distinct() {
    std::uint64_t count = 0;
    for (RankedBitmap& lines : lines_) {
      lines.finish();
      count += lines.count();
    }
    return count;
  }

 private:
  static constexpr std::uint64_t kWindows = 8, kArcs = std::uint64_t{1} << 16;
  static constexpr LocalId kLine = 8;  // values of 8 bytes in a cache line
  BigArray<std::uint8_t> window_of_;   // 0: none
  std::array<RankedBitmap, kWindows> lines_;
};

bool sample_says_degree(Communicator& comm, const Arcs& arcs, const BigArray<std::uint32_t>& counts,
                        const BigArray<LocalId>& order) {
  const auto kept = [](std::size_t v) { return static_cast<LocalId>(v); };
  const auto renumbered = [&](std::size_t v) { return order[v]; };
  Bitmap sampled(counts.size());  // rows in a window of either order: few, so most arcs are passed over at once
  Locality now(counts, kept, sampled), then(counts, renumbered, sampled);
  parallel::for_each_index(arcs.blocks.size(), [&](std::size_t b) {
    arcs.for_each_arc(arcs.blocks[b], [&](std::uint64_t source, std::uint64_t target, std::size_t) {
      if (!sampled.contains(target)) return;
      now.read(static_cast<LocalId>(target), kept(source));
      then.read(static_cast<LocalId>(target), renumbered(source));
    });
  });
  const std::uint64_t lines_now = comm.sum(now.distinct()), lines_then = comm.sum(then.distinct());
  return 4 * lines_then < 3 * lines_now;
}

void renumber(const BigArray<LocalId>& order, const BigArray<std::uint8_t>& groups, Arcs& arcs, LocalIds& ids) {
  for (GhostPlan::Peer& peer : ids.plan.peers) {
    const std::vector<LocalId> before = peer.masters;
    sort_roles(
        peer.copies, [&](std::size_t i) { return groups[before[i]]; },
        [&](std::size_t i, std::size_t to) { peer.masters[to] = order[before[i]]; });
  }
  BigArray<GlobalId> global_ids(ids.global_ids.size());
  for (std::size_t v = 0; v < global_ids.size(); ++v) global_ids[order[v]] = ids.global_ids[v];
  ids.global_ids = std::move(global_ids);
  parallel::for_each_index(arcs.blocks.size(), [&](std::size_t b) {
    for (std::uint32_t& id : arcs.blocks[b].narrow) id = order[id];
  });
}

}  // namespace

VertexOrder order_vertices(Communicator& comm, VertexOrder wanted, Arcs& arcs, LocalIds& ids) {
  if (wanted == VertexOrder::input) return wanted;
  const BigArray<std::uint32_t> counts = count_ends(comm, arcs, ids);
  const BigArray<std::uint8_t> groups = find_groups(comm, counts, ids);
  const BigArray<LocalId> order = find_order(ids, groups);
  if (wanted == VertexOrder::automatic && !sample_says_degree(comm, arcs, counts, order)) return VertexOrder::input;
  renumber(order, groups, arcs, ids);
  return VertexOrder::degree;
}

}  // namespace gasket

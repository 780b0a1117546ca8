#pragma once
// The sets of one rank's vertices, masters and ghosts, that its own arcs join: Afforest (see components.hpp).
//
// Ranks meet once on the way: each tells which of its masters are in its giant component. Their copies elsewhere are
// one set then, whatever their own arcs say: only one of them has to say what it is called here, and such a ghost's row is
// read for arcs out of the giant at most.

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/first_neighbours.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/row_blocks.hpp"
#include "engine/union_find.hpp"
#include "partition/bitmap.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/hash.hpp"
#include "partition/parallel.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

class LocalComponents {
 public:
  /// Vertices that one worker goes through at a time.
  static constexpr std::size_t kGrain = std::size_t{1} << 14;

  /// Collective. `rows` are the graph's by target or by source.
  LocalComponents(const DistributedGraph& graph, const Adjacency& rows)
      : graph_(graph),
        rows_(rows),
        masters_(graph.masters()),
        unpaired_(find_unpaired()),
        sets_(graph.locals()),
        settled_(graph.ghosts()) {
    trees_ = FirstNeighbours(rows, masters_, sets_).begin();
    find_giant();
    for (std::size_t round = 1; round <= kMoreRounds && arcs_left_ > sets_.size(); ++round) {
      join_neighbour(round);
      find_giant();
    }
    if (graph.communicator().size() > 1) {
      if (both_ends_have_rows() && unpaired_ < sets_.size())
        outsiders_ = join_outsiders(0, rows_.end_of_arcs(masters_));
      meet_ranks();
    }
    join_the_rest();
    giant_ = graph.locals() > 0 ? sets_.root(giant_) : 0;
  }

  /// A component that holds many arcs, by its root.
  LocalId giant() const { return giant_; }
  UnionFind& sets() { return sets_; }
  /// The ghosts whose masters have to hear of their components, ascending: all whose masters are not in the giants of their
  /// own ranks, and of the others one for each such rank.
  const std::vector<LocalId>& open_ghosts() const { return open_; }

 private:
  // Arcs looked at to find the giant component; vertices that may lead to other ranks' giants, and arcs of each.
  static constexpr std::size_t kSamples = 1024;
  static constexpr std::uint64_t kReaches = 64;
  static constexpr std::size_t kReachedOf = 16;
  // Rounds of one neighbour each, after the first, that may be spent on making a giant component.
  static constexpr std::size_t kMoreRounds = 2;
  // Of such a round: joins beyond these are mostly between vertices that are joined already.
  static constexpr std::size_t kJoinsPerTree = 4;
  static constexpr std::size_t kAhead = 12;  // joins from one stage of asking to the next

  static constexpr LocalId kNobody = std::numeric_limits<LocalId>::max();

  struct Nothing {};  // of a set of ghosts only the positions travel

  // Of arcs with neighbours below this id either end may stop reading once it is in the giant: the other end reads them,
  // unless it is in the giant too. These are all arcs where those of an undirected graph lie with their reverses; those
  // between masters where every row here is a master's, and the rest too once all ranks' giants are known to be one (else
  // they may be all that joins two giants); else none.
  LocalId find_unpaired() const {
    if (graph_.has_by_target() && graph_.has_by_source() && &graph_.by_source() == &graph_.by_target())
      return graph_.locals();
    return both_ends_have_rows() ? masters_ : 0;
  }
  // Every arc is in its target's master's row, or in its source's, and its reverse in the other's.
  bool both_ends_have_rows() const { return !graph_.directed() && !rows_.have_arcs_from(masters_); }

  // -- The giant component ----------------------------------------------------------------------------------

  // Every so many masters: so many rows less are touched. What a join reads lies anywhere in memory, so it is asked for in
  // three stages.
  void join_neighbour(std::size_t position) {
    const std::size_t stride = std::max<std::size_t>(1, masters_ / (kJoinsPerTree * trees_ + 1));
    const auto row = [&](std::size_t v) { return rows_.row(static_cast<LocalId>(v)); };
    parallel::for_ranges(masters_, kGrain * stride, [&](std::size_t first, std::size_t last) {
      const std::size_t end = first + (last - first - 1) / stride * stride;  // the last that is visited
      const auto ahead = [&](std::size_t at, std::size_t count) { return std::min(at + count * kAhead * stride, end); };
      for (std::size_t at = first; at < last; at += stride) {
        rows_.offsets.fetch(ahead(at, 3));
        prefetch(row(ahead(at, 2)).data());
        if (const auto soon = row(ahead(at, 1)); soon.size() > position) sets_.fetch(soon[position]);
        if (const auto now = row(at); now.size() > position) sets_.join(static_cast<LocalId>(at), now[position]);
      }
    });
  }

  // Samples ends of arcs, as it is arcs that the giant component saves; of ghosts nothing is known yet.
  void find_giant() {
    if (rows_.arcs() == 0) return;
    std::unordered_map<LocalId, std::size_t> seen;
    std::size_t most = 0, all = 0;
    for (std::size_t i = 0; i < kSamples; ++i) {
      const LocalId end = rows_.neighbours[mix(i) % rows_.arcs()];
      if (end >= masters_) continue;
      ++all;
      const LocalId root = sets_.root(end);
      if (const std::size_t count = ++seen[root]; count > most) {
        most = count;
        giant_ = root;
      }
    }
    arcs_left_ = all == 0 ? rows_.arcs() : rows_.arcs() / all * (all - most);
  }

  // -- Other ranks' giants ----------------------------------------------------------------------------------

  // The ghosts of masters that are in the giant of their own rank become one set here for each such rank.
  void meet_ranks() {
    const std::vector<GhostPlan::Peer>& peers = graph_.ghost_plan().peers;
    GhostSync<Nothing> sync(graph_.communicator(), graph_.ghost_plan(), Tag::broadcast);
    sync.start_broadcast(Flow::both);
    const LocalId giant = masters_ > 0 ? sets_.root(giant_) : 0;
    for (std::size_t i = 0; i < peers.size(); ++i)
      sync.send_broadcast(
          Flow::both, i, [&](LocalId master) { return is_under(giant, master); }, none);
    reach_out();
    sync.finish_broadcast(Flow::both, [&](LocalId ghost, Nothing) { settled_.insert(ghost - masters_); });
    std::vector<LocalId> speakers;
    for (const GhostPlan::Peer& peer : peers) speakers.push_back(find_speaker(first_ghost(peer), end_of_ghosts(peer)));
    if (!outsiders_ || !all_met(speakers))
      for (std::size_t i = 0; i < peers.size(); ++i)
        settle(first_ghost(peers[i]), end_of_ghosts(peers[i]), speakers[i]);
    if (outsiders_ && all_met(speakers))
      unpaired_ = sets_.size();
    else
      outsiders_.reset();
    for (const LocalId speaker : speakers)
      if (speaker != kNobody) settled_.erase(speaker - masters_);
    find_open();
  }

  static Nothing none(LocalId) { return {}; }

  // Joins some of the giant's masters with neighbours from all over their rows: most likely there are ghosts of every peer among
  // them, in the giants of their own ranks, which become part of this one so. The first and the last master are among
  // them: where ranks have ranges of ids, neighbouring ranges meet there.
  void reach_out() {
    if (masters_ == 0) return;
    for (std::uint64_t reach = 0; reach < kReaches; ++reach) {
      const auto v = static_cast<LocalId>((masters_ - 1) * reach / (kReaches - 1));
      const std::span<const LocalId> row = rows_.row(v);
      if (row.empty() || sets_.root(v) != sets_.root(giant_)) continue;
      for (std::size_t i = 0; i < kReachedOf; ++i) sets_.join(v, row[row.size() - 1 - row.size() * i / kReachedOf]);
    }
  }

  static LocalId first_ghost(const GhostPlan::Peer& peer) { return static_cast<LocalId>(peer.ghosts.targets); }
  static LocalId end_of_ghosts(const GhostPlan::Peer& peer) { return static_cast<LocalId>(peer.ghosts.end); }

  // Of the settled ghosts of one peer the first that is in the giant here, else the first at all.
  LocalId find_speaker(LocalId first, LocalId last) const {
    LocalId any = kNobody;
    for (LocalId ghost = first; ghost < last; ++ghost) {
      if (!settled_.contains(ghost - masters_)) continue;
      if (sets_.root(ghost) == sets_.root(giant_)) return ghost;
      any = std::min(any, ghost);
    }
    return any;
  }

  // Whether the giants of all peers that have ghosts here are part of this one.
  bool all_met(const std::vector<LocalId>& speakers) const {
    const std::vector<GhostPlan::Peer>& peers = graph_.ghost_plan().peers;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (first_ghost(peers[i]) == end_of_ghosts(peers[i])) continue;
      if (speakers[i] == kNobody || sets_.root(speakers[i]) != sets_.root(giant_)) return false;
    }
    return true;
  }

  // Makes the settled ghosts first .. last-1, of one peer, one set. Rows of masters only have joined anybody until now, so
  // a ghost is under a master or has nobody beside it; and the speaker's root is smaller than all others of them, as a
  // master, or as the first of them.
  void settle(LocalId first, LocalId last, LocalId speaker) {
    if (speaker == kNobody) return;
    const LocalId root = sets_.root(speaker);
    parallel::for_ranges(last - first, kGrain, [&](std::size_t from, std::size_t to) {
      for_settled(first + static_cast<LocalId>(from), first + static_cast<LocalId>(to), [&](LocalId ghost) {
        if (ghost == speaker) return;  // others may be joining it
        if (sets_.parent(ghost) == ghost)
          sets_.begin(ghost, root);
        else
          sets_.join(ghost, speaker);
      });
    });
  }

  template <class Visit>
  void for_settled(LocalId first, LocalId last, const Visit& visit) const {
    settled_.for_each(first - masters_, last - masters_,
                      [&](std::size_t i) { visit(masters_ + static_cast<LocalId>(i)); });
  }

  void find_open() {
    settled_.for_each_missing(0, graph_.ghosts(),
                              [&](std::size_t i) { open_.push_back(masters_ + static_cast<LocalId>(i)); });
  }

  // -- The rest ---------------------------------------------------------------------------------------------

  // Whether the giant's root is v's; v is its child then.
  bool is_under(LocalId giant, LocalId v) { return sets_.parent(v) == giant || sets_.flatten(v) == giant; }

  // All arcs but those inside the giant component. The rows without arcs at the end of the masters and of the ghosts, often
  // many, are left out.
  void join_the_rest() {
    if (outsiders_) return join_left(*outsiders_);
    if (unpaired_ == 0) flatten(sets_.size());
    join_rows(0, rows_.end_of_arcs(masters_));
    if (rows_.have_arcs_from(masters_)) join_rows(masters_, rows_.end_of_arcs(sets_.size()));
  }
  // The giant's rows are read for neighbours from `unpaired_` on: an arc that has its reverse here is found at its other
  // end too. The giant's root may be hooked meanwhile, so it is looked up for every block.
  void join_rows(LocalId begin, LocalId end) {
    if (unpaired_ == sets_.size()) return static_cast<void>(join_outsiders(begin, end));
    const RowCut cut = cut_rows({&rows_, nullptr}, begin, end);
    parallel::for_each_index(cut.blocks.size(), [&](std::size_t b) {
      const RowBlock& block = cut.blocks[b];
      const LocalId giant = sets_.root(giant_);
      for (LocalId v = block.begin; v < block.end; ++v)
        if (!is_alone(v)) join_arcs(v, rows_.row(v), giant);
    });
    parallel::for_each_index(cut.pieces.size(), [&](std::size_t i) {
      const RowPiece& piece = cut.pieces[i];
      join_arcs(piece.row, {rows_.neighbours.data() + piece.begin, piece.end - piece.begin}, sets_.root(giant_));
    });
  }

  bool is_alone(LocalId v) const { return sets_.parent(v) == v && rows_.degree(v) == 0; }

  // Joins those of the vertices begin .. end-1 that are not in the giant with their neighbours below `unpaired_`. Returns
  // whom that has not brought into it.
  std::vector<LocalId> join_outsiders(LocalId begin, LocalId end) {
    std::mutex guard;
    std::vector<LocalId> left;
    parallel::for_ranges(end - begin, kGrain, [&](std::size_t first, std::size_t last) {
      const std::vector<LocalId> here =
          join_some_outsiders(begin + static_cast<LocalId>(first), begin + static_cast<LocalId>(last));
      const std::lock_guard lock(guard);
      left.insert(left.end(), here.begin(), here.end());
    });
    return left;
  }
  // They are few among many, so they are found first and their rows, which lie anywhere, read a little later; long ones by
  // one worker too, who is mostly through with the first arcs.
  std::vector<LocalId> join_some_outsiders(LocalId first, LocalId last) {
    LocalId giant = sets_.root(giant_);
    std::vector<LocalId> left;
    std::array<LocalId, 64> found;
    std::size_t count = 0;
    const auto join_found = [&] {
      giant = sets_.root(giant_);
      for (const LocalId v : std::span(found).first(count))
        if (sets_.root(v) != giant && !join_until(v, paired_arcs(v), giant)) left.push_back(v);
      count = 0;
    };
    for (LocalId v = first; v < last; ++v) {
      if (is_alone(v) || is_under(giant, v)) continue;
      rows_.fetch(v);
      found[count++] = v;
      if (count == found.size()) join_found();
    }
    join_found();
    return left;
  }
  std::span<const LocalId> paired_arcs(LocalId v) const {
    const std::span<const LocalId> row = rows_.row(v);
    if (unpaired_ == sets_.size()) return row;
    return {row.begin(), std::ranges::lower_bound(row, unpaired_)};
  }

  // Who is not in the giant by arcs to masters alone, by all arcs. All settled ghosts are in it, whether or not they have been
  // joined with it.
  void join_left(std::span<const LocalId> vertices) {
    parallel::for_ranges(vertices.size(), kGrain, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        if (i + kAhead < last) rows_.fetch(vertices[i + kAhead]);
        const LocalId v = vertices[i], giant = sets_.root(giant_);
        for (const LocalId u : rows_.row(v)) {
          if (sets_.root(v) == giant) break;
          sets_.join(v, is_settled(u) ? giant : u);
        }
      }
    });
  }
  bool is_settled(LocalId v) const { return v >= masters_ && settled_.contains(v - masters_); }

  // Arcs of v, which is joined until it is in the giant component.
  void join_arcs(LocalId v, std::span<const LocalId> arcs, LocalId giant) {
    if (!is_under(giant, v) && !join_until(v, arcs, giant)) return;
    if (unpaired_ == sets_.size()) return;
    for (auto u = arcs.rbegin(); u != arcs.rend() && *u >= unpaired_; ++u)
      if (sets_.parent(*u) != giant) sets_.join(v, *u);
  }

  // Whether v got into the giant component; else all arcs have been joined.
  bool join_until(LocalId v, std::span<const LocalId> arcs, LocalId giant) {
    for (const LocalId u : arcs) {
      sets_.join(v, u);
      if (u < unpaired_ && sets_.root(v) == giant) return true;
    }
    return false;
  }

  void flatten(LocalId vertices) {
    parallel::for_ranges(vertices, kGrain, [&](std::size_t first, std::size_t last) {
      for (auto v = static_cast<LocalId>(first); v < last; ++v) sets_.flatten(v);
    });
  }

  const DistributedGraph& graph_;
  const Adjacency& rows_;
  LocalId masters_;
  LocalId unpaired_;
  UnionFind sets_;
  Bitmap settled_;  // ghosts of which nothing is left to say
  // Masters outside the giant, where arcs between masters have been joined before ranks met.
  std::optional<std::vector<LocalId>> outsiders_;
  std::vector<LocalId> open_;
  LocalId giant_ = 0;
  std::size_t trees_ = 0;    // after the first neighbours, without vertices that have no row
  EdgeCount arcs_left_ = 0;  // about how many lie outside the giant
};

}  // namespace gasket

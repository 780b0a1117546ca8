#pragma once
// Supersteps of gather programs that are always awake (power iteration and its kin): every vertex sums over its edges
// and applies, in one pass over the rows. Neighbours read the values of the last superstep while the new ones are
// written to a second array; a program with in_place_after does without it after so many supersteps.
//
// Rows of ghosts come first, peer by peer, so that their sums are under way while the masters' rows are done. A master
// whose arcs all lie here applies as soon as its row is summed; one with arcs elsewhere, or with a row so long that
// several workers share it, applies when all parts have come.
//
// Where values outgrow the cache and the graph has no locality, arcs are taken by tiles (tiled_sums.hpp) instead of rows.

#include <array>
#include <cstring>

#include "engine/ghost_sync.hpp"
#include "engine/master_applier.hpp"
#include "engine/row_sums.hpp"
#include "engine/step.hpp"
#include "engine/tiled_sums.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"

namespace gasket {

template <class P>
class DenseGather {
  using Traits = ProgramTraits<P>;
  using Ghost = GhostOf<P>;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;
  using Pass = PassResult<Global>;

 public:
  /// Memory: another Ghost per local vertex, an Accum where there are several ranks, long rows or pushing, and the messages:
  /// a Ghost for each copy of a master, an Accum for each that is written.
  DenseGather(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        next_(graph.locals()),
        cut_(cut_flow(graph, rows)) {
    if (rows.pull[0] != nullptr) find_deferred();
  }

  void prefer(Sweep sweep) { sweep_ = sweep; }

  /// Sends the first values to the ghosts.
  void start() { spread_all(values_.ghost_array()); }

  /// `few_changed`, the same on all ranks: whether there are likely to be values that need not travel, as far as vertices tell: a
  /// projection may stay the same where its vertex changes. Else all are sent, from where they lie if possible.
  StepResult<Global> step(Direction wanted, const Global& global, bool few_changed) {
    prepare();
    const Direction direction =
        wanted == Direction::push || rows_.pull[0] == nullptr ? Direction::push : Direction::pull;
    const Pass result = direction == Direction::push ? push_step(global)
                        : !tiles_.empty()            ? tiled_step(global)
                                                     : pull_step(global);
    if (in_place_ || !few_changed)
      spread_all(in_place_ ? values_.ghost_array() : next_);
    else
      spread_changed();
    if (!in_place_) std::swap(values_.ghost_array(), next_);
    return {result.applied, result.changed, graph_.masters(), result.global, direction};
  }

  SyncCounts take_counts() {
    const SyncCounts a = reduce_.take_counts(), b = broadcast_.take_counts();
    return {a.sent + b.sent, a.skipped + b.skipped};
  }

 private:
  // What changes from one superstep to the next: tiles are made when a second one is wanted, as arranging the arcs costs as
  // much as a few; and the second array goes when values are replaced where they are.
  void prepare() {
    if constexpr (TiledSums<P>::possible)
      if (supersteps_ == 1 && rows_.pull[1] == nullptr && rows_.pull[0] != nullptr && wants_tiles(*rows_.pull[0])) {
        tiles_ = TiledSums<P>(*rows_.pull[0], rows_.push[0] == rows_.pull[0]);
        find_tile_deferred();
      }
    if constexpr (Traits::in_place)
      if (supersteps_ == P::in_place_after) {
        in_place_ = true;
        next_ = BigArray<Ghost>();
      }
    ++supersteps_;
  }

  // Masters that cannot apply when their row here is summed.
  void find_deferred() {
    deferred_ = Bitmap(graph_.masters());
    for (const GhostPlan::Peer& peer : graph_.ghost_plan().peers) {
      const GhostPlan::Range range = peer.copies.written(rows_.flow);
      for (std::size_t p = range.begin; p < range.end; ++p) deferred_.insert(peer.masters[p]);
    }
    for (const RowPiece& piece : cut_.masters.pieces) deferred_.insert(piece.row);
    any_deferred_ = deferred_.count() > 0;
    if (any_deferred_ || !graph_.ghost_plan().peers.empty()) accums_ = BigArray<Accum>(graph_.locals());
  }

  Pass pull_step(const Global& global) {
    const std::size_t peers = graph_.ghost_plan().peers.size();
    reduce_.start_reduce_all(rows_.flow);
    for (std::size_t i = 0; i < peers; ++i) {
      sum_pieces(program_, cut_.ghosts[i].pieces, values_.ghosts(), accums_.data(), kAll);
      for_each_block(cut_.ghosts[i].blocks, [&](std::size_t, const RowBlock& block) {
        pull_rows(program_, rows_.pull, block.begin, block.end, values_.ghosts(), accums_.data() + block.begin);
      });
      reduce_.send_reduce_all(rows_.flow, i, accums_);
    }
    sum_pieces(program_, cut_.masters.pieces, values_.ghosts(), accums_.data(), kAll);
    std::vector<Pass> parts(cut_.masters.blocks.size());
    for_each_block(cut_.masters.blocks,
                   [&](std::size_t b, const RowBlock& block) { parts[b] = pull_masters(block, global); });
    add_arrived();
    Pass result = apply_deferred(global);
    for (const Pass& part : parts) result = result + part;
    return result;
  }

  static constexpr auto kAll = [](LocalId) { return true; };

  // -- By tiles -------------------------------------------------------------------------------------------

  bool wants_tiles(const Adjacency& rows) const {
    return sweep_ == Sweep::automatic ? TiledSums<P>::is_worth_it(rows) : sweep_ == Sweep::tiles;
  }

  // Targets that several parts add to, or that lie in one part with ghosts, apply at the end.
  void find_tile_deferred() {
    const auto defer = [&](LocalId begin, LocalId end) {
      for (LocalId v = begin; v < std::min(end, graph_.masters()); ++v) deferred_.insert(v);
    };
    tiles_.for_each_shared(defer);
    if (graph_.ghosts() > 0) defer(graph_.masters() & ~(TiledRows::kSide - 1), graph_.masters());
    any_deferred_ = deferred_.count() > 0;
    if (accums_.empty()) accums_ = BigArray<Accum>(graph_.locals());
  }

  Pass tiled_step(const Global& global) {
    std::vector<Pass> passes(tiles_.parts());
    const auto sum_parts = [&](std::size_t begin, std::size_t end) {
      parallel::for_each_index(end - begin, [&](std::size_t i) {
        passes[begin + i] = sum_part(begin + i, global);
        if (parallel::worker_index() == 0) reduce_.progress();
      });
      tiles_.add_partial_sums(begin, end, accums_);
    };
    const std::size_t first_with_ghosts = tiles_.first_part_behind(graph_.masters());
    reduce_.start_reduce_all(rows_.flow);
    sum_parts(first_with_ghosts, tiles_.parts());
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i) reduce_.send_reduce_all(rows_.flow, i, accums_);
    sum_parts(0, first_with_ghosts);
    add_arrived();
    Pass result = apply_deferred(global);
    for (const Pass& pass : passes) result = result + pass;
    return result;
  }

  Pass sum_part(std::size_t index, const Global& global) {
    Pass result;
    tiles_.sum(index, program_, values_.ghosts(), accums_, [&](LocalId begin, LocalId end, const auto* sums) {
      if (end > graph_.masters()) {
        std::copy_n(sums, end - begin, accums_.begin() + begin);
        return;
      }
      MasterApplier<P> apply = applier(global);
      for_batches(begin, end,
                  [&](LocalId first, LocalId last) { apply_or_defer(first, last, sums + (first - begin), apply); });
      result = apply.result();
    });
    return result;
  }

  // -- By rows --------------------------------------------------------------------------------------------

  // Rows are summed a few at a time and then applied: two short loops that each keep what they need in registers.
  Pass pull_masters(const RowBlock& block, const Global& global) {
    std::array<Accum, kRowBatch> sums;
    MasterApplier<P> apply = applier(global);
    for (LocalId begin = block.begin; begin < block.end; begin += kRowBatch) {
      const LocalId end = std::min(begin + kRowBatch, block.end);
      pull_rows(program_, rows_.pull, begin, end, values_.ghosts(), sums.data());
      apply_or_defer(begin, end, sums.data(), apply);
    }
    return apply.result();
  }
  // Of at most a batch of rows.
  template <class Sum>
  [[gnu::always_inline]] void apply_or_defer(LocalId begin, LocalId end, const Sum* sums, MasterApplier<P>& apply) {
    const std::uint64_t deferred = any_deferred_ ? deferred_.count(begin, end) : 0;
    if (deferred == 0) return apply(begin, end, sums);
    if (deferred == end - begin) return static_cast<void>(std::copy_n(sums, end - begin, accums_.begin() + begin));
    for (LocalId v = begin; v < end; ++v)
      if (deferred_.contains(v))
        accums_[v] = static_cast<const Accum&>(sums[v - begin]);
      else
        apply(v, static_cast<const Accum&>(sums[v - begin]));
  }

  // What other ranks' arcs wrote to masters.
  void add_arrived() {
    reduce_.finish_reduce_all(rows_.flow, [&](LocalId master, const Accum& sum) { accums_[master] += sum; });
  }

  template <class Each>
  static void for_batches(LocalId begin, LocalId end, const Each& each) {
    for (LocalId first = begin, last = begin; first < end; first = last) {
      last = first + std::min(kRowBatch, end - first);
      each(first, last);
    }
  }

  Pass apply_deferred(const Global& global) {
    if (!any_deferred_) return {};
    return pass_over<Global>(graph_.masters(), kPass, [&](LocalId begin, LocalId end, Pass& result) {
      MasterApplier<P> apply = applier(global);
      for_batches(begin, end, [&](LocalId first, LocalId last) {
        if (deferred_.count(first, last) == last - first) return apply(first, last, accums_.data() + first);
        deferred_.for_each(first, last, [&](std::size_t v) { apply(static_cast<LocalId>(v), accums_[v]); });
      });
      result = apply.result();
    });
  }

  Pass push_step(const Global& global) {
    if (accums_.empty()) accums_ = BigArray<Accum>(graph_.locals());
    reduce_.start_reduce_all(rows_.flow);
    push_sums(program_, rows_.push, graph_.locals(), values_.ghosts(), accums_.data(), kAll);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i) reduce_.send_reduce_all(rows_.flow, i, accums_);
    add_arrived();
    return pass_over<Global>(graph_.masters(), kPass, [&](LocalId begin, LocalId end, Pass& result) {
      MasterApplier<P> apply = applier(global);
      apply(begin, end, accums_.data() + begin);
      result = apply.result();
    });
  }

  MasterApplier<P> applier(const Global& global) {
    return {program_, global, values_.access(), in_place_ ? values_.ghost_array().data() : next_.data()};
  }

  // Blocks on all workers; the thread that talks to the network lends it a moment after each block of its own.
  template <class Body>
  void for_each_block(const std::vector<RowBlock>& blocks, const Body& body) {
    const bool peers = !graph_.ghost_plan().peers.empty();
    parallel::for_each_index(blocks.size(), [&](std::size_t b) {
      body(b, blocks[b]);
      if (peers && parallel::worker_index() == 0) reduce_.progress();
    });
  }

  // -- Values to ghosts -----------------------------------------------------------------------------------

  void spread_all(BigArray<Ghost>& values) {
    broadcast_.start_broadcast_all(rows_.flow, values);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
      broadcast_.send_broadcast_all(rows_.flow, i, values);
    broadcast_.finish_broadcast_all();
  }

  void spread_changed() {
    broadcast_.start_broadcast(rows_.flow);
    keep_unchanged_ghosts();
    const Ghost* const before = values_.ghosts();
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
      broadcast_.send_broadcast(
          rows_.flow, i, [&](LocalId v) { return std::memcmp(&before[v], &next_[v], sizeof(Ghost)) != 0; },
          [&](LocalId v) -> const Ghost& { return next_[v]; });
    broadcast_.finish_broadcast(rows_.flow, [&](LocalId ghost, const Ghost& value) { next_[ghost] = value; });
  }

  // Ghosts that no message comes for keep their value: the second array must have it too.
  void keep_unchanged_ghosts() {
    for (const GhostPlan::Peer& peer : graph_.ghost_plan().peers) {
      const GhostPlan::Range range = peer.ghosts.read(rows_.flow);
      std::copy_n(values_.ghosts() + range.begin, range.size(), next_.begin() + range.begin);
    }
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  GhostSync<Accum> reduce_;
  GhostSync<Ghost> broadcast_;
  BigArray<Ghost> next_;
  BigArray<Accum> accums_;
  FlowCut cut_;
  Bitmap deferred_;
  bool any_deferred_ = false;
  bool in_place_ = false;  // values are replaced where neighbours read them

  Sweep sweep_ = Sweep::automatic;
  std::uint64_t supersteps_ = 0;
  TiledSums<P> tiles_;  // empty: by rows
};

}  // namespace gasket

#pragma once
// Supersteps of programs with a priority: label-correcting in the order of buckets (delta-stepping: Meyer, Sanders, J.
// Algorithms 49, 2003). Such programs are monotone, so an offer is applied where it is made, whatever the order: a vertex
// that improves goes into the bucket of its new priority, and the superstep takes the lowest bucket of all ranks.
//
// A worker goes on at once with those of its own that fall into the bucket at hand, without waiting for the others
// (bucket fusion: Zhang et al., CGO 2020), but for vertices with copies on other ranks: those must hear of them first.
// Offers to ghosts are combined here and reduced to the masters at the end of the superstep.
//
// A vertex may be in several buckets, or twice in one: whoever takes it out sees whether it has moved on to a lower one.

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/buckets.hpp"
#include "engine/combine.hpp"
#include "engine/copy_broadcast.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/row_work.hpp"
#include "engine/step.hpp"
#include "engine/touched_ghosts.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_queue.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

template <class P>
class Relax {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;

 public:
  /// Memory: that of Buckets, for every improvement that still waits, and of CopyBroadcast; an Accum, two places in queues
  /// and a bit per ghost.
  Relax(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        broadcast_(graph, rows.flow),
        offers_(graph.ghosts(), Accum{}),
        offered_(graph.ghosts()),
        offered_ghosts_(graph, 0),
        hands_(static_cast<std::size_t>(parallel::threads())),
        vain_deals_(graph.order() == VertexOrder::input ? 0 : kVainDeals) {}

  /// A master that has changed at first.
  void seed(LocalId master) { buckets_.push(buckets_.bin(0), bucket_of(values_.data(master)), master); }
  void start() {}

  /// The lowest bucket in which a vertex of this rank waits.
  std::uint64_t lowest_bucket() const { return buckets_.lowest(); }

  StepResult<Global> step(Direction, const Global&, std::uint64_t bucket) {
    StepResult<Global> result;
    result.direction = Direction::push;
    bucket_ = bucket;
    take_bucket();
    if (!graph_.ghost_plan().peers.empty()) {
      spread_frontier();
      reduce_.start_reduce(rows_.flow);
    }
    relax_frontier();
    while (take_rest()) relax_frontier();
    put_back_held();
    exchange_offers();
    for (Hand& hand : hands_) result.applied += std::exchange(hand.improved, 0);
    result.changed = result.applied;
    result.pending = buckets_.lowest() != Buckets::none ? 1 : 0;
    return result;
  }

  SyncCounts take_counts() {
    const SyncCounts a = reduce_.take_counts(), b = broadcast_.take_counts();
    return {a.sent + b.sent, a.skipped + b.skipped};
  }

 private:
  // One word is all of a vertex, so that one compare-exchange applies an offer.
  static constexpr bool kOneWord = !Traits::keeps_ghosts_apart && fits_word<Data> && alignof(Data) == sizeof(Data);

  static constexpr std::size_t kSmall = 64;    // vertices that one worker does faster than all together begin
  static constexpr std::size_t kPiece = 256;   // vertices dealt out at a time
  static constexpr std::size_t kFused = 1024;  // more of a bucket than that are dealt out anew
  // Dealt by place (see deal) are no more, to no more workers: it is one worker's work.
  static constexpr std::size_t kDealt = std::size_t{1} << 16, kDealtTo = 8;
  static constexpr std::size_t kSample = 64;    // vertices that show where a deal cuts
  static constexpr std::size_t kVainDeals = 8;  // after so many there are no more

  std::uint64_t bucket_of(const Data& data) const { return static_cast<std::uint64_t>(program_.priority(data)); }

  // -- Whose turn it is -----------------------------------------------------------------------------------

  void take_bucket() {
    frontier_.clear();
    buckets_.drain(bucket_, [&](std::span<const LocalId> members) {
      frontier_.insert(frontier_.end(), members.begin(), members.end());
    });
  }
  // What has come into the bucket since, and has no copy elsewhere.
  bool take_rest() {
    take_bucket();
    if (!graph_.ghost_plan().peers.empty())
      std::erase_if(frontier_, [&](LocalId v) {
        if (!broadcast_.has_copies(v)) return false;
        hands_[0].held.push_back(v);
        return true;
      });
    return !frontier_.empty();
  }
  void put_back_held() {
    for (Hand& hand : hands_) {
      for (const LocalId v : hand.held) buckets_.push(buckets_.bin(0), bucket_, v);
      hand.held.clear();
    }
  }
  // Whether a vertex that was taken out has left for a lower bucket, and was done there.
  bool is_stale(LocalId v) const { return v < graph_.masters() && bucket_of(read_data(v)) < bucket_; }

  // -- Values to copies -----------------------------------------------------------------------------------

  void spread_frontier() {
    std::erase_if(frontier_, [&](LocalId v) { return is_stale(v); });
    broadcast_.send(frontier_, [&](LocalId v) -> const Ghost& { return values_.ghost(v); });
    broadcast_.finish([&](LocalId ghost, const Ghost& value) {
      values_.ghost_array()[ghost] = value;
      frontier_.push_back(ghost);
    });
  }

  // -- Relaxation -----------------------------------------------------------------------------------------

  // What stays with a worker from one piece of work to the next.
  struct alignas(64) Hand {
    std::vector<LocalId> own;   // its part of the bucket, while it is done
    std::vector<LocalId> held;  // members whose copies must hear of them first
    std::uint64_t improved = 0;
  };
  // What its loop needs at every arc.
  struct Worker {
    explicit Worker(Relax& relax, std::size_t index = static_cast<std::size_t>(parallel::worker_index()))
        : bin(relax.buckets_.bin(index)), hand(relax.hands_[index]), ghosts(relax.offered_ghosts_.queue()) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() { hand.improved += improved; }
    Buckets::Bin& bin;
    Hand& hand;
    VertexQueue::Appender ghosts;
    std::uint64_t improved = 0;
  };

  void relax_frontier() {
    if (parallel::threads() == 1 || frontier_.size() < kSmall) return relax_pieces<Alone>(1);
    const auto workers = static_cast<std::size_t>(parallel::threads());
    if (vain_deals_ < kVainDeals && workers <= kDealtTo && frontier_.size() <= kDealt)
      vain_deals_ = deal(frontier_, workers) > kSample / 4 ? vain_deals_ + 1 : 0;
    relax_pieces<Shared>(std::max(workers, frontier_.size() / kPiece));
  }

  // Puts the vertices with the smallest ids first, which are the first worker's, and so on: a worker so has about the same
  // part of the graph bucket after bucket, and seldom waits for what another has written. It costs one worker a look at
  // each vertex, two for four workers, and finds nearly all of them in their places. Where it does not, time after time,
  // near ids are not near in the graph, and it is left. Returns how many of kSample had been on the other side of the first
  // cut.
  static std::size_t deal(std::span<LocalId> ids, std::size_t workers) {
    if (workers < 2 || ids.size() < kSample) return 0;
    const std::size_t first = workers / 2, below = kSample * first / workers;
    const auto sampled = [&](std::size_t i) { return ids[ids.size() * i / kSample]; };
    std::array<LocalId, kSample> sample;
    for (std::size_t i = 0; i < kSample; ++i) sample[i] = sampled(i);
    std::ranges::nth_element(sample, sample.begin() + below);
    const LocalId pivot = sample[below];
    std::size_t misplaced = 0;
    for (std::size_t i = 0; i < kSample; ++i) misplaced += (sampled(i) < pivot) != (i < below) ? 1 : 0;
    const auto rest = std::ranges::partition(ids, [=](LocalId v) { return v < pivot; });
    deal({ids.begin(), rest.begin()}, first);
    deal(rest, workers - first);
    return misplaced;
  }

  template <class How>
  void relax_pieces(std::size_t pieces) {
    LongRows long_rows;
    parallel::for_each_index(pieces, [&](std::size_t piece) {
      Worker worker(*this);
      const std::size_t begin = frontier_.size() * piece / pieces, end = frontier_.size() * (piece + 1) / pieces;
      relax_all<How>(std::span<const LocalId>(frontier_).subspan(begin, end - begin), worker, &long_rows);
      relax_own<How>(worker);
    });
    for (const LocalId u : long_rows.ids())
      for (const Adjacency* rows : rows_.push)
        if (rows != nullptr)
          parallel::for_ranges(rows->degree(u), kBlockArcs, [&](std::size_t begin, std::size_t end) {
            Worker worker(*this);
            relax_arcs<Shared>(*rows, read_ghost(u), rows->offsets[u] + begin, rows->offsets[u] + end, worker);
          });
  }

  // Goes on with the worker's own part of the bucket.
  template <class How>
  void relax_own(Worker& worker) {
    const bool has_copies = !graph_.ghost_plan().peers.empty();
    for (;;) {
      std::vector<LocalId>& waiting = buckets_.at(worker.bin, bucket_);
      if (waiting.empty() || (parallel::threads() > 1 && waiting.size() > kFused)) return;
      std::vector<LocalId>& own = worker.hand.own;
      own.clear();
      std::swap(own, waiting);
      if (has_copies)
        std::erase_if(own, [&](LocalId v) {
          if (!broadcast_.has_copies(v)) return false;
          worker.hand.held.push_back(v);
          return true;
        });
      relax_all<How>(own, worker, nullptr);
    }
  }

  // Lets vertices make their offers, but for those with very many arcs where `put_aside` can take them.
  template <class How>
  void relax_all(std::span<const LocalId> ids, Worker& worker, LongRows* put_aside) {
    const bool cuts = put_aside != nullptr && parallel::threads() > 1;
    visit_ahead(ids, FetchAhead<P>{rows_.push, values_.ghosts()}, [&](LocalId u) {
      if (is_stale(u)) return;
      if (cuts && degree(rows_.push, u) > kLongRow) return put_aside->push(u);
      const Ghost from = read_ghost(u);
      for (const Adjacency* rows : rows_.push)
        if (rows != nullptr) relax_arcs<How>(*rows, from, rows->offsets[u], rows->offsets[u + 1], worker);
    });
  }
  template <class How>
  void relax_arcs(const Adjacency& rows, const Ghost from, EdgeCount begin, EdgeCount end, Worker& worker) {
    const LocalId masters = graph_.masters();
    const LocalId* const neighbours = rows.neighbours.data();
    for (EdgeCount i = begin; i < end; ++i) {
      if (i + kFetchAhead < end) prefetch_to_write(values_.ghosts() + neighbours[i + kFetchAhead]);
      const LocalId t = neighbours[i];
      const Accum offer = edge_value(program_, edge_at<P>(rows, i, from));
      if (t < masters)
        improve<How>(t, offer, worker);
      else if (How::update(offers_[t - masters], [&](Accum& sum) { sum += offer; }) && How::mark(offered_, t - masters))
        worker.ghosts.push(t);
    }
  }

  // Applies an offer; a master that neighbours must hear of goes into its bucket.
  template <class How>
  void improve(LocalId v, const Accum& offer, Worker& worker) {
    Data before, after;
    const auto apply = [&](Data& data) {
      before = data;
      after = program_.apply(values_.vertex(v), before, offer);
      data = after;
    };
    bool stored = false;
    if constexpr (kOneWord)
      stored = How::update(values_.ghost_array()[v], apply);
    else
      stored = update_locked(v, apply);
    if (!stored || !differs(program_, before, after)) return;
    ++worker.improved;
    buckets_.push(worker.bin, std::max(bucket_of(after), bucket_), v);
  }

  // Data and ghost change together, and are read together.
  template <class Apply>
  bool update_locked(LocalId v, const Apply& apply) {
    const Stripes::Guard guard(&values_.ghost_array()[v]);
    Data data = values_.data(v);
    const Data before = data;
    apply(data);
    if (std::memcmp(&before, &data, sizeof data) == 0) return false;
    values_.access().store(program_, v, data);
    return true;
  }
  Data read_data(LocalId v) const {
    if constexpr (kOneWord) {
      return read_shared(values_.ghosts()[v]);
    } else {
      const Stripes::Guard guard(values_.ghosts() + v);
      return values_.data(v);
    }
  }
  Ghost read_ghost(LocalId v) const {
    if constexpr (kOneWord) {
      return read_shared(values_.ghosts()[v]);
    } else {
      const Stripes::Guard guard(values_.ghosts() + v);
      return values_.ghost(v);
    }
  }

  // -- Offers to masters ----------------------------------------------------------------------------------

  void exchange_offers() {
    if (graph_.ghost_plan().peers.empty()) return;
    const auto offer_at = [&](LocalId ghost) -> const Accum& { return offers_[ghost - graph_.masters()]; };
    for (const LocalId ghost : offered_ghosts_.send(reduce_, rows_.flow, offer_at))
      offered_.erase(ghost - graph_.masters());
    Worker worker(*this);
    reduce_.finish_reduce(rows_.flow,
                          [&](LocalId master, const Accum& offer) { improve<Alone>(master, offer, worker); });
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  GhostSync<Accum> reduce_;
  CopyBroadcast<Ghost> broadcast_;

  Buckets buckets_;
  std::uint64_t bucket_ = 0;       // the one at hand
  std::vector<LocalId> frontier_;  // its members, and ghosts that heard from their masters
  BigArray<Accum> offers_;         // by ghost: the combination of all offers so far
  Bitmap offered_;                 // ghosts that got a better one in this superstep
  TouchedGhosts offered_ghosts_;
  std::vector<Hand> hands_;  // by worker
  std::size_t vain_deals_;   // in a row
};

}  // namespace gasket

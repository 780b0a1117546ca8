#pragma once
// Runs vertex programs without supersteps, on the graph as it was placed. A vertex that runs applies what has come for it;
// if neighbours must hear of that, it makes an offer over each of its arcs, which is merged at once into what waits for
// the neighbour there, and schedules the neighbour if it makes a difference to it. So only the arcs of vertices that have
// changed are looked at. There are two kinds of program:
//
//   scatter that is monotone     offers are combined for good: one that improves nothing is dropped at the arc
//   gather with an inverse       the engine keeps each vertex' sum, and an offer is the difference that the neighbour's
//                                change makes to it: gather(now) - gather(before). It may say how urgent a change is:
//
//     std::uint64_t priority_of_change(const Data& told, const Data& now) const;
//                                for the priority scheduler, the lower the sooner; of what neighbours were last told, and
//                                what the vertex would be if it ran
//
// A vertex with arcs on several ranks is scheduled on each of them: its master sends the new value to the copies, which
// make their offers where their arcs are. Offers to a copy of another rank's vertex are merged here, until the next batch
// to that rank leaves, and then there. Both are read when they leave (outbox.hpp), so what is under way stays bounded and
// fresh. This is vertex consistency: a vertex runs on one worker at a time, and sees its neighbours as they were some time ago.

#include "engine/async/async_loop.hpp"
#include "engine/async/inverse.hpp"
#include "engine/async/offers.hpp"
#include "engine/async/outbox.hpp"
#include "engine/copy_index.hpp"
#include "engine/ghost_sync.hpp"

namespace gasket {

template <class P>
struct AsyncResult {
  BigArray<typename P::Data> values;  // of the masters, by local id
  AsyncRecord record;
};

/// The rows that the asynchronous engine reads for a program, to be asked for when the graph is loaded.
template <class P>
AdjacencyNeed async_need() {
  constexpr Flow flow = ProgramTraits<P>::flow;
  return {flow != Flow::forward, flow != Flow::backward};
}

namespace detail {

/// True for a vertex program that can make offers; for anything else one static assertion fails, with a sentence.
template <class P>
consteval bool check_async_program() {
  using Traits = ProgramTraits<P>;
  if constexpr (!check_program<P>())
    return false;
  else if constexpr (Traits::has_global)
    static_assert(always_false<P>,
                  "gasket: a program with 'Global' needs supersteps; only the synchronous engine has them");
  else if constexpr (Traits::serialises)
    static_assert(always_false<P>,
                  "gasket: sums that are no plain bytes need supersteps or Regather, which takes them anew");
  else if constexpr (!Traits::gathers && !Traits::monotone)
    static_assert(
        always_false<P>,
        "gasket: a program with 'scatter' runs without supersteps only if it is 'monotone': vertices run more "
        "than once and make their offers again");
  else if constexpr (Traits::gathers && !Invertible<typename P::Accum>)
    static_assert(
        always_false<P>,
        "gasket: sums are kept and changed by differences, so 'Accum' needs '-=', which undoes '+='; minima and "
        "maxima have none: use 'scatter' and 'monotone', or Regather, which takes the sum anew");
  else
    return true;
}

}  // namespace detail

/// Whether run_async takes the program.
template <class P>
inline constexpr bool makes_offers =
    !ProgramTraits<P>::has_global && !ProgramTraits<P>::serialises &&
    (ProgramTraits<P>::gathers ? Invertible<typename P::Accum> : ProgramTraits<P>::monotone);

template <class P>
class AsyncEngine {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Accum = typename P::Accum;
  using Ghost = GhostOf<P>;
  static constexpr bool kDifferences = Traits::gathers;

 public:
  /// Memory: that of Offers, of the scheduler for all local vertices, 8 bytes per copy of a master, and 9 per ghost.
  AsyncEngine(const DistributedGraph& graph, const P& program, const AsyncOptions& options)
      : graph_(graph),
        program_(program),
        options_(options),
        comm_(graph.communicator()),
        offers_(graph, program),
        copies_(graph.ghost_plan(), graph.masters(), offers_.flow()),
        loop_(comm_, options, graph.locals()),
        runs_(graph.masters()) {
    if constexpr (Traits::weighted)
      if (!graph.weighted()) throw_agreed(UsageError("this program needs edge weights, and the graph has none"));
    outboxes_.resize(static_cast<std::size_t>(comm_.size()));
    for (const GhostPlan::Peer& peer : graph.ghost_plan().peers)
      outboxes_[static_cast<std::size_t>(peer.rank)] =
          std::make_unique<Outbox>(peer.copies.read(offers_.flow()).size(), peer.ghosts.written(offers_.flow()).size());
    for (int w = 0; w < parallel::threads(); ++w) workers_.emplace_back(std::make_unique<Worker>());
  }

  AsyncResult<P> run() {
    const Stopwatch total;
    AsyncResult<P> result;
    workers_[0]->arcs += offers_.start();
    seed();
    loop_.run(*this);
    offers_.settle();
    std::uint64_t arcs = 0;
    for (const auto& worker : workers_) arcs += worker->arcs;
    result.record = loop_.record(updates(), arcs);
    result.record.histogram = update_histogram(comm_, runs_.span());
    result.record.seconds = total.seconds();
    result.values = offers_.take_data();
    return result;
  }

  // -- For the loop ---------------------------------------------------------------------------------------
  // Of so many vertices each, in all few: a rank that runs far ahead of what it has heard does work in vain.
  static constexpr int kRunsPerPoll = 4;

  bool run_some(int number) {
    running_.fetch_add(1);
    std::array<LocalId, kBatch> ids;
    const bool stands_back = loop_.draining() || loop_.mailbox().crowded() || wants_news();
    const std::size_t most = comm_.size() > 1 ? kFewer : kBatch;
    const std::size_t count = stands_back ? 0 : loop_.scheduler().take(number, std::span(ids).first(most));
    if (count > 0) run_batch(number, std::span(ids).first(count));
    if constexpr (kDifferences) runs_since_news_.fetch_add(count, std::memory_order_relaxed);
    running_.fetch_sub(1);
    return count > 0;
  }
  std::uint64_t running() const { return running_; }
  bool silent() const {
    return std::ranges::all_of(outboxes_, [](const auto& box) { return !box || box->empty(); });
  }
  // Sums that are kept by differences could be brought to their last digit here before the others have said their first:
  // after about one look at every vertex it is time to hear from them.
  bool wants_news() const {
    return kDifferences && !graph_.ghost_plan().peers.empty() && runs_since_news_.load(std::memory_order_relaxed) > graph_.locals();
  }
  // To ranks that have taken what was sent before.
  void send_news() {
    for (const GhostPlan::Peer& peer : graph_.ghost_plan().peers) {
      Outbox& box = *outboxes_[static_cast<std::size_t>(peer.rank)];
      if (box.empty() || !loop_.mailbox().ready(peer.rank)) continue;
      const std::size_t first_ghost = peer.ghosts.written(offers_.flow()).begin;
      box.drain(
          [&](const Outbox::Push& push) {
            begin_record(values_, Kind::value, peer.rank);
            values_.put(push.position);
            values_.put(offers_.ghost(push.vertex));
          },
          [&](LocalId place, std::uint64_t) {
            begin_record(sums_, Kind::offer, peer.rank);
            sums_.put(place);
            sums_.put(offers_.take(static_cast<LocalId>(first_ghost + place)));
          });
      end_record(values_, peer.rank);
      end_record(sums_, peer.rank);
    }
  }
  void receive(int from, std::span<const std::byte> bytes) {
    RecordReader record(bytes);
    runs_since_news_ = 0;
    const GhostPlan::Peer& peer = *std::ranges::find(graph_.ghost_plan().peers, from, &GhostPlan::Peer::rank);
    const bool values = record.get<Kind>() == Kind::value;
    const std::size_t first_ghost = peer.ghosts.read(offers_.flow()).begin;
    const std::size_t first_master = peer.copies.written(offers_.flow()).begin;
    while (!record.done()) {
      const auto place = record.get<LocalId>();
      if (values) {
        const auto ghost = static_cast<LocalId>(first_ghost + place);
        const std::uint64_t priority = offers_.hear(ghost, record.get<Ghost>());
        // With one thread nothing runs now: the copy need not wait for its turn.
        if (kDifferences && parallel::threads() == 1)
          renew(0, ghost);
        else
          loop_.scheduler().schedule(0, ghost, priority);
      } else {
        offer(0, peer.masters[first_master + place], record.get<Accum>());
      }
    }
  }
  std::uint64_t updates() const {
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) sum += std::atomic_ref(worker->updates).load(std::memory_order_relaxed);
    return sum;
  }
  NoGlobal aggregate() const { return {}; }
  void set_global(const NoGlobal&) { runs_since_news_ = 0; }
  bool converged(const NoGlobal&) const { return false; }
  std::string state() const { return silent() ? "nothing to say to others" : "news for others that have not left"; }
  std::vector<WaitFor> waits() const { return {}; }

 private:
  static constexpr std::size_t kBatch = 16;
  static constexpr std::size_t kFewer = 4;  // where there are others to listen to
  static constexpr std::size_t kFetchAhead = 8;
  enum class Kind : std::uint8_t { value, offer };
  struct alignas(64) Worker {
    std::uint64_t updates = 0;
    std::uint64_t arcs = 0;
  };

  void seed() {
    for (LocalId v = 0; v < graph_.masters(); ++v)
      if (offers_.is_seed(v)) loop_.scheduler().schedule(0, v, offers_.first_priority(v));
  }

  void run_batch(int number, std::span<const LocalId> ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i + kFetchAhead < ids.size()) offers_.fetch(ids[i + kFetchAhead]);
      const LocalId v = ids[i];
      loop_.scheduler().start(v);
      if (v < graph_.masters())
        run_master(number, v);
      else
        renew(number, v);
      loop_.scheduler().finish(number, v);
    }
  }
  void run_master(int number, LocalId v) {
    const bool first = runs_[v]++ == 0;
    Worker& worker = *workers_[static_cast<std::size_t>(number)];
    std::atomic_ref(worker.updates).store(worker.updates + 1, std::memory_order_relaxed);
    Ghost before{};
    if (offers_.apply(v, first, before)) {
      for (const CopyIndex::Copy& copy : copies_.of(v))
        outboxes_[static_cast<std::size_t>(graph_.ghost_plan().peers[copy.peer].rank)]->push({v, copy.position});
      give(number, v, before);
    }
    if (const auto priority = offers_.left_over(v)) loop_.scheduler().schedule(number, v, *priority);
  }

  // Records of at most about half a batch: of longer ones nothing is of use before the last byte has come.
  void begin_record(RecordWriter& record, Kind kind, int rank) {
    if (record.size() >= Mailbox::kBatch / 2) end_record(record, rank);
    if (record.empty()) record.put(kind);
  }
  void end_record(RecordWriter& record, int rank) {
    if (!record.empty()) loop_.mailbox().append(rank, record.bytes());
    record.clear();
  }

  // A copy makes the offers that its master's news are good for.
  void renew(int number, LocalId ghost) {
    const Ghost before = offers_.renew(ghost);
    if constexpr (kDifferences) {
      const Ghost now = offers_.ghost(ghost);
      if (std::memcmp(&before, &now, sizeof now) == 0) return;
    }
    give(number, ghost, before);
  }
  // Makes v's offers over its arcs here; the last were made when it was `before`.
  void give(int number, LocalId v, const Ghost& before) {
    workers_[static_cast<std::size_t>(number)]->arcs +=
        offers_.for_each_offer(v, before, [&](LocalId target, const Accum& sum) { offer(number, target, sum); });
  }
  void offer(int number, LocalId target, const Accum& sum) {
    if (!offers_.add(target, sum)) return;
    if (target < graph_.masters()) {
      if (parallel::threads() > 1 && (kDifferences || !loop_.scheduler().has_priorities()))
        std::atomic_thread_fence(std::memory_order_seq_cst);
      if (loop_.scheduler().will_run(target)) return;
      if (const auto priority = offers_.need_to_run(target)) loop_.scheduler().schedule(number, target, *priority);
      return;
    }
    const GhostPlan::Peer& peer = owner_of(target);
    outboxes_[static_cast<std::size_t>(peer.rank)]->signal(
        static_cast<LocalId>(target - peer.ghosts.written(offers_.flow()).begin), 0);
  }
  const GhostPlan::Peer& owner_of(LocalId ghost) const {
    auto peer = graph_.ghost_plan().peers.begin();
    while (ghost >= peer->ghosts.end) ++peer;
    return *peer;
  }

  const DistributedGraph& graph_;
  const P& program_;
  const AsyncOptions& options_;
  Communicator& comm_;
  Offers<P> offers_;
  CopyIndex copies_;
  AsyncLoop<NoGlobal> loop_;
  BigArray<std::uint32_t> runs_;
  std::vector<std::unique_ptr<Outbox>> outboxes_;  // by rank; null where nothing is shared
  RecordWriter values_, sums_;                     // on their way out of one
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::uint64_t> running_{0};
  std::atomic<std::uint64_t> runs_since_news_{0};
};

/// Runs a vertex program without supersteps until no vertex has anything to apply. Collective. The graph must have the rows
/// of async_need<P>(). Throws Error(lost_peer) from the watchdog.
template <class P>
auto run_async(const DistributedGraph& graph, const P& program, const AsyncOptions& options = {}) {
  if constexpr (detail::check_async_program<P>()) return AsyncEngine<P>(graph, program, options).run();
}

}  // namespace gasket

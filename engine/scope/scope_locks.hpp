#pragma once
// Asks for the locks of scopes, here and on other ranks, and gives others the locks that are here.
//
// A scope asks rank after rank, in the canonical order, and is put aside while it waits: nobody ever blocks, and thousands
// of scopes may be on their way. The grant of a rank brings the data of those neighbours of which the copy here is out of
// date, by version; letting go takes along what was written.

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <unordered_map>

#include "engine/async/wait_for.hpp"
#include "engine/scope/laps.hpp"
#include "engine/scope/lock_table.hpp"
#include "engine/scope/pool.hpp"
#include "engine/scope/scope_run.hpp"
#include "engine/scope/scope_wire.hpp"

namespace gasket {

/// A scope on its way, at the rank that runs it.
struct AskedScope {
  LocalId centre = 0;
  Laps::Lap lap = 0;
  LockRequest own;
  struct Remote {
    int rank = 0;
    std::size_t begin = 0, end = 0;  // in ghosts
    std::uint32_t handle = 0;        // of the part there
  };
  std::vector<LocalId> ghosts;  // neighbours elsewhere, in canonical order, each once
  std::vector<Remote> remotes;  // in the order in which they are asked
  std::size_t own_stage = 0;    // how many remotes are asked before the own rank
  std::size_t stage = 0;
  bool waits_remote = false;
  bool active = false;

  /// The rank that was asked last.
  Remote& asked_last() { return remotes[stage - 1 < own_stage ? stage - 1 : stage - 2]; }
};

template <class P>
class ScopeLocks {
  using Wire = ScopeWire<P, false>;

 public:
  /// Memory: 24 bytes per lock, and per scope on its way about 12 bytes per neighbour here and where the neighbour lives.
  ScopeLocks(const ScopeGraph& graph, ScopeStore<P>& store, Mailbox& mailbox, const ScopeOptions& options)
      : graph_(graph),
        store_(store),
        wire_(graph, store),
        mailbox_(mailbox),
        faults_(options.faults),
        exclusive_(options.consistency == Consistency::full),
        locks_(graph.masters(), options.lock_shift) {}

  // -- Asking, by any worker. `record` is the worker's ------------------------------------------------------

  /// Asks for the scope of a vertex. Null: it waits, and is among the ready ones when it has its locks.
  AskedScope* ask(LocalId centre, Laps::Lap lap, RecordWriter& record) {
    const auto [scope, index] = asked_.take();
    scope->lap = lap;
    begin(*scope, index, centre);
    return advance(*scope, record) ? scope : nullptr;
  }
  /// A scope that has waited and has its locks now, or null.
  AskedScope* take_ready() {
    if (ready_count_.load(std::memory_order_relaxed) == 0) return nullptr;
    const std::lock_guard lock(ready_guard_);
    if (ready_.empty()) return nullptr;
    AskedScope* const scope = ready_.front();
    ready_.pop_front();
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
    return scope;
  }
  /// What was written goes home with the locks; before the update's signals do.
  void let_go_elsewhere(const AskedScope& scope, const ScopeEffects& effects, RecordWriter& record) {
    for (const AskedScope::Remote& remote : scope.remotes) {
      record.clear();
      record.put(ScopeMessage::let_go);
      record.put(remote.handle);
      const std::size_t count_at = record.size();
      std::uint32_t count = 0;
      record.put(count);
      for (const LocalId u : effects.neighbours)
        if (u >= graph_.masters() && graph_.home(u).rank == remote.rank) {
          wire_.put_data(record, graph_.home(u).local, u);
          ++count;
        }
      record.put_at(count_at, count);
      if constexpr (ScopeStore<P>::has_edges)
        for (const EdgeId e : effects.edges)
          if (const auto* const cut = graph_.cut_of(e); cut != nullptr && cut->rank == remote.rank)
            wire_.put_edge(record, *cut, e);
      mailbox_.append(remote.rank, record.bytes());
    }
  }
  /// Ends the use of the scope.
  void let_go_here(AskedScope& scope, RecordWriter& record) {
    locks_.release(scope.own, [&](LockRequest& request) { resume(request, record); });
    scope.active = false;
    asked_.give_back(scope.own.index);
  }

  // -- Hearing, by the thread that talks to the network -----------------------------------------------------

  void be_asked(int from, RecordReader& news, RecordWriter& record) {
    const auto [part, index] = granted_.take();
    part->from = from;
    part->scope = news.get<std::uint32_t>();
    part->centre = news.get<GlobalId>();
    part->request.remote = true;
    part->request.index = index;
    part->wanted.clear();
    part->active = true;
    while (!news.done()) {
      const auto v = news.get<LocalId>();
      part->wanted.push_back({v, news.get<typename Wire::Version>()});
      locks_.add(part->request, v, exclusive_);
    }
    if (locks_.acquire(part->request)) grant(*part, record);
  }
  void be_granted(RecordReader& news, RecordWriter& record) {
    AskedScope& scope = asked_[news.get<std::uint32_t>()];
    AskedScope::Remote& remote = scope.asked_last();
    remote.handle = news.get<std::uint32_t>();
    while (!news.done()) {
      const LocalId ghost = scope.ghosts[remote.begin + news.get<std::uint32_t>()];
      const auto version = news.get<typename Wire::Version>();
      const auto data = news.get<typename P::Data>();
      // Another scope may have brought the same meanwhile, and somebody be reading it.
      if (store_.version(ghost) != version) store_.template receive_data<false>(ghost, data, version);
    }
    scope.waits_remote = false;
    if (advance(scope, record)) make_ready(scope);
  }
  void take_back(int from, RecordReader& news, RecordWriter& record) {
    const auto index = news.get<std::uint32_t>();
    for (auto count = news.get<std::uint32_t>(); count > 0; --count) wire_.take_data(news);
    while (!news.done()) wire_.take_edge(from, news);
    Granted& part = granted_[index];
    locks_.release(part.request, [&](LockRequest& request) { resume(request, record); });
    part.active = false;
    granted_.give_back(index);
  }

  // -- For the diagnosis. Looks at requests while workers could change them; but nothing has moved for long ---

  std::vector<WaitFor> waits() {
    std::unordered_multimap<std::uint32_t, GlobalId> holders;
    for_each_request([&](const LockRequest& request, GlobalId centre, bool) {
      for (std::size_t i = 0; i < request.held; ++i) holders.emplace(request.items[i].block, centre);
    });
    std::vector<WaitFor> waits;
    for_each_request([&](const LockRequest& request, GlobalId centre, bool elsewhere) {
      if (elsewhere || !request.waits()) return;
      const auto [first, last] = holders.equal_range(request.items[request.held].block);
      for (auto holder = first; holder != last; ++holder) waits.push_back({centre, holder->second});
    });
    return waits;
  }
  std::string state() {
    std::size_t here = 0, elsewhere = 0;
    for_each_request([&](const LockRequest& request, GlobalId, bool remote) {
      elsewhere += remote ? 1 : 0;
      here += !remote && request.waits() ? 1 : 0;
    });
    return fmt::format("{} scopes ready to run, {} requests wait for locks here, {} scopes for locks elsewhere",
                       ready_count_.load(), here, elsewhere);
  }

 private:
  // A part of another rank's scope, here.
  struct Granted {
    int from = 0;
    std::uint32_t scope = 0;
    GlobalId centre = 0;
    LockRequest request;
    struct Wanted {
      LocalId master;
      typename Wire::Version version;
    };
    std::vector<Wanted> wanted;
    bool active = false;
  };

  void begin(AskedScope& scope, std::uint32_t index, LocalId centre) {
    scope.centre = centre;
    scope.own.index = index;
    scope.own.remote = false;
    scope.stage = scope.own_stage = 0;
    scope.ghosts.clear();
    scope.remotes.clear();
    scope.active = true;
    bool centre_added = false;
    LocalId last = centre;
    for (const ScopeGraph::Link& link : graph_.links(centre)) {
      const LocalId u = link.vertex();
      if (u == centre || u == last || skips(centre, u)) continue;
      last = u;
      if (u >= graph_.masters()) {
        scope.ghosts.push_back(u);
        continue;
      }
      if (u > centre && !std::exchange(centre_added, true)) locks_.add(scope.own, centre, true);
      locks_.add(scope.own, u, exclusive_);
    }
    if (!centre_added) locks_.add(scope.own, centre, true);
    for (std::size_t begin = 0; begin < scope.ghosts.size();) {
      const int rank = graph_.home(scope.ghosts[begin]).rank;
      std::size_t end = begin;
      while (end < scope.ghosts.size() && graph_.home(scope.ghosts[end]).rank == rank) ++end;
      if (rank < graph_.communicator().rank()) ++scope.own_stage;
      scope.remotes.push_back({rank, begin, end, 0});
      begin = end;
    }
    if (faults_.reverse && graph_.global_id(centre) % 2 == 1) {
      std::ranges::reverse(scope.remotes);
      scope.own_stage = scope.remotes.size() - scope.own_stage;
    }
  }
  bool skips(LocalId centre, LocalId u) const {
    const std::uint64_t one_in = faults_.skip_one_in;
    return one_in > 0 && mix(graph_.global_id(centre) * 0x9e3779b9u + graph_.global_id(u)) % one_in == 0;
  }

  // Goes on asking. True when the scope has all its locks; else it comes back when it has what it waits for.
  bool advance(AskedScope& scope, RecordWriter& record) {
    const std::size_t stage = scope.stage++;
    if (stage > scope.remotes.size()) return true;
    if (stage == scope.own_stage) return locks_.acquire(scope.own) && advance(scope, record);
    const AskedScope::Remote& remote = scope.asked_last();
    scope.waits_remote = true;
    record.clear();
    record.put(ScopeMessage::ask);
    record.put(scope.own.index);
    record.put(graph_.global_id(scope.centre));
    for (std::size_t g = remote.begin; g < remote.end; ++g) {
      record.put(graph_.home(scope.ghosts[g]).local);
      record.put(store_.version(scope.ghosts[g]));
    }
    mailbox_.append(remote.rank, record.bytes());
    return false;
  }
  // A request that waited has all its locks here.
  void resume(LockRequest& request, RecordWriter& record) {
    if (request.remote)
      grant(granted_[request.index], record);
    else if (AskedScope& scope = asked_[request.index]; advance(scope, record))
      make_ready(scope);
  }
  void grant(const Granted& part, RecordWriter& record) {
    record.clear();
    record.put(ScopeMessage::grant);
    record.put(part.scope);
    record.put(part.request.index);
    for (std::uint32_t i = 0; i < part.wanted.size(); ++i) {
      const auto& [v, version] = part.wanted[i];
      if (store_.version(v) != version) wire_.put_data(record, i, v);
    }
    mailbox_.append(part.from, record.bytes());
  }
  void make_ready(AskedScope& scope) {
    const std::lock_guard lock(ready_guard_);
    ready_.push_back(&scope);
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
  }

  template <class Body>
  void for_each_request(const Body& body) {
    asked_.for_each([&](const AskedScope& scope) {
      if (scope.active) body(scope.own, graph_.global_id(scope.centre), scope.waits_remote);
    });
    granted_.for_each([&](const Granted& part) {
      if (part.active) body(part.request, part.centre, false);
    });
  }

  const ScopeGraph& graph_;
  ScopeStore<P>& store_;
  Wire wire_;
  Mailbox& mailbox_;
  LockFaults faults_;
  const bool exclusive_;  // writers' locks on neighbours too
  LockTable locks_;
  Pool<AskedScope> asked_;
  Pool<Granted> granted_;
  std::mutex ready_guard_;
  std::deque<AskedScope*> ready_;
  std::atomic<std::size_t> ready_count_{0};
};

}  // namespace gasket

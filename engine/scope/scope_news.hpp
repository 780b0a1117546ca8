#pragma once
// What updates have to tell other ranks: signals, at every level; and under vertex consistency, where nobody asks, what they
// wrote. New data and signals wait in outboxes, each once, until the last batch to their rank has left; writes to what another
// rank masters go at once.

#include <memory>
#include <optional>
#include <vector>

#include "engine/async/async_loop.hpp"
#include "engine/async/outbox.hpp"
#include "engine/copy_index.hpp"
#include "engine/scope/scope_wire.hpp"

namespace gasket {

template <class P, bool kShared>
class ScopeNews {
 public:
  /// Memory: that of the outboxes, and 8 bytes per copy of a master under vertex consistency.
  ScopeNews(const ScopeGraph& graph, ScopeStore<P>& store, Scheduler& scheduler, Mailbox& mailbox, SchedulerKind kind)
      : graph_(graph),
        wire_(graph, store),
        scheduler_(scheduler),
        mailbox_(mailbox),
        with_priorities_(kind == SchedulerKind::priority) {
    const auto ranks = static_cast<std::size_t>(graph.communicator().size());
    if constexpr (kShared) copies_.emplace(graph.plan(), graph.masters(), Flow::both);
    peer_of_.resize(ranks, nullptr);
    outboxes_.resize(ranks);
    for (const GhostPlan::Peer& peer : graph.plan().peers) {
      const auto rank = static_cast<std::size_t>(peer.rank);
      peer_of_[rank] = &peer;
      outboxes_[rank] = std::make_unique<Outbox>(peer.masters.size(), peer.ghosts.end - peer.ghosts.targets);
    }
  }

  // -- By any worker --------------------------------------------------------------------------------------

  /// What the update of v wrote goes to all who have a copy. `always`: even if v was not written.
  void publish(LocalId v, const ScopeEffects& effects, bool always, RecordWriter& record) {
    if (effects.own || always) push_to_copies(v);
    for (const LocalId u : effects.neighbours) {
      if (u < graph_.masters()) {
        push_to_copies(u);
        continue;
      }
      record.clear();
      record.put(ScopeMessage::write);
      wire_.put_data(record, graph_.home(u).local, u);
      mailbox_.append(graph_.home(u).rank, record.bytes());
    }
    if constexpr (ScopeStore<P>::has_edges)
      for (const EdgeId e : effects.edges)
        if (const auto* const cut = graph_.cut_of(e)) {
          record.clear();
          record.put(ScopeMessage::write_edge);
          wire_.put_edge(record, *cut, e);
          mailbox_.append(cut->rank, record.bytes());
        }
  }
  /// After what the signals are about.
  void signal(int worker, const ScopeEffects& effects) {
    for (const ScopeEffects::Signal& signal : effects.signals) {
      if (signal.vertex < graph_.masters()) {
        scheduler_.schedule(worker, signal.vertex, signal.priority);
        continue;
      }
      const auto rank = static_cast<std::size_t>(graph_.home(signal.vertex).rank);
      outboxes_[rank]->signal(static_cast<LocalId>(signal.vertex - first_ghost(rank)),
                              with_priorities_ ? signal.priority : 0);
    }
  }
  /// Exact when no worker runs.
  bool empty() const {
    return std::ranges::all_of(outboxes_, [](const auto& box) { return !box || box->empty(); });
  }

  // -- By the thread that talks to the network ------------------------------------------------------------

  /// To ranks that have taken what was sent before.
  void send() {
    for (std::size_t r = 0; r < outboxes_.size(); ++r) {
      const int rank = static_cast<int>(r);
      if (!outboxes_[r] || outboxes_[r]->empty() || !mailbox_.ready(rank)) continue;
      outboxes_[r]->drain(
          [&](const Outbox::Push& push) {
            begin_record(ScopeMessage::push, rank);
            wire_.put_data(record_, push.position, push.vertex);
          },
          [&](LocalId ghost, std::uint64_t priority) {
            begin_record(ScopeMessage::signal, rank);
            record_.put(graph_.home(static_cast<LocalId>(first_ghost(r) + ghost)).local);
            if (with_priorities_) record_.put(priority);
          });
      end_record(rank);
    }
  }
  void take_pushes(int from, RecordReader& record) {
    while (!record.done()) {
      const auto place = record.get<LocalId>();
      wire_.take_data_of(static_cast<LocalId>(first_ghost(static_cast<std::size_t>(from)) + place), record);
    }
  }
  void take_signals(RecordReader& record) {
    while (!record.done()) {
      const auto v = record.get<LocalId>();
      scheduler_.schedule(0, v, with_priorities_ ? record.get<std::uint64_t>() : 0);
    }
  }
  void take_write(RecordReader& record) { push_to_copies(wire_.take_data(record)); }
  void take_edge(int from, RecordReader& record) { wire_.take_edge(from, record); }

 private:
  // Records of one kind each and of at most about half a batch: of longer ones nothing is of use before the last byte has come.
  void begin_record(ScopeMessage kind, int rank) {
    if (record_.size() >= Mailbox::kBatch / 2 || kind != kind_) end_record(rank);
    kind_ = kind;
    if (record_.empty()) record_.put(kind);
  }
  void end_record(int rank) {
    if (!record_.empty()) mailbox_.append(rank, record_.bytes());
    record_.clear();
  }
  LocalId first_ghost(std::size_t rank) const { return static_cast<LocalId>(peer_of_[rank]->ghosts.targets); }
  void push_to_copies(LocalId v) {
    for (const CopyIndex::Copy& copy : copies_->of(v))
      outboxes_[static_cast<std::size_t>(graph_.plan().peers[copy.peer].rank)]->push({v, copy.position});
  }

  const ScopeGraph& graph_;
  ScopeWire<P, kShared> wire_;
  Scheduler& scheduler_;
  Mailbox& mailbox_;
  bool with_priorities_;
  std::optional<CopyIndex> copies_;                // under vertex consistency
  std::vector<const GhostPlan::Peer*> peer_of_;    // by rank
  std::vector<std::unique_ptr<Outbox>> outboxes_;  // by rank; null where nothing is shared
  RecordWriter record_;                            // on its way out of one
  ScopeMessage kind_ = ScopeMessage::push;         // of the record
};

}  // namespace gasket

#pragma once
// What a rank does all the time while it runs without supersteps. Workers take what the scheduler has; the calling thread
// does so too, and alone talks to the network: it sends, receives, takes part in the heartbeat, and so hears how far
// the others are, what the aggregate is, that all is done, or that nothing moves any more.
//
// What is run, and what the ranks say to each other about it, is the engine's, which has
//
//   static constexpr int kRunsPerPoll;    calls of run_some between two looks at the network
//   bool run_some(int worker);        runs something, or brings it forward; false when there is nothing to do at the moment.
//                                     Begins nothing new once draining() is true
//   std::uint64_t running() const;    what has begun and not ended
//   bool wants_news() const;          it waits to hear from others though it has work: a beat is due
//   bool silent() const;              it has nothing to say to other ranks
//   void send_news();                 puts what it has to say into the mailbox
//   void receive(int from, std::span<const std::byte> record);
//   std::uint64_t updates() const;    of this rank so far
//   Global aggregate() const;         over this rank's vertices
//   void set_global(const Global&);   over all, whenever a beat was heard
//   bool converged(const Global&) const;
//   std::string state();              of this rank, in words, and
//   std::vector<WaitFor> waits();     who waits for whom: for the diagnosis of a standstill

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "engine/async/async_options.hpp"
#include "engine/async/async_record.hpp"
#include "engine/async/heartbeat.hpp"
#include "engine/async/standstill.hpp"
#include "engine/step.hpp"
#include "partition/beside.hpp"
#include "partition/comm/mailbox.hpp"

namespace gasket {

template <class Global>
class AsyncLoop {
 public:
  /// Memory: that of the scheduler for so many vertices, and of the mailbox.
  AsyncLoop(Communicator& comm, const AsyncOptions& options, std::size_t vertices)
      : comm_(comm),
        options_(options),
        scheduler_(options.scheduler, vertices, parallel::threads()),
        mailbox_(comm),
        heartbeat_(comm, options.interval) {}

  Scheduler& scheduler() { return scheduler_; }
  const Scheduler& scheduler() const { return scheduler_; }
  Mailbox& mailbox() { return mailbox_; }
  const Mailbox& mailbox() const { return mailbox_; }
  /// Nothing new is to begin: the run is to end.
  bool draining() const { return draining_; }

  /// Until all ranks are done. Collective.
  template <class Engine>
  void run(Engine& engine) {
    parallel::run_beside([&](const std::atomic<bool>& stop) { lead(engine, stop); },
                         [&](int worker, const std::atomic<bool>& stop) { help(engine, worker, stop); });
    mailbox_.close();
  }

  /// What it knows of the run. Collective.
  AsyncRecord record(std::uint64_t updates, std::uint64_t arcs) {
    AsyncRecord record;
    collect(comm_, {updates, arcs, idle_seconds_, mailbox_.bytes_to()}, record);
    record.beats = heartbeat_.beats();
    record.converged = !over_limit_;
    return record;
  }

 private:
  using Clock = std::chrono::steady_clock;

  struct News {
    std::uint64_t updates = 0;
    std::uint64_t moved = 0;
    std::uint64_t scheduled = 0;
    bool late = false;  // nothing has moved anywhere for long, by the clock of this rank
    Global global{};
  };

  template <class Engine>
  void lead(Engine& engine, const std::atomic<bool>& stop) {
    parallel::Backoff backoff;
    last_moved_ = heard_ = Clock::now();
    while (!stop && !heartbeat_.ended()) {
      int runs = 0;
      while (runs < Engine::kRunsPerPoll && engine.run_some(0)) ++runs;
      const bool moved = poll(engine);
      // Where ranks share cores, the sooner the others get to run, the less old is what is known of them.
      if (comm_.size() > 1 && !parallel::enough_cores()) comm_.idle();
      if (runs > 0 || moved) {
        backoff.reset();
      } else {
        const Stopwatch idle;
        if (comm_.size() > 1) comm_.idle();
        backoff.wait();
        idle_seconds_ += idle.seconds();
      }
      watch(engine);
    }
  }
  template <class Engine>
  void help(Engine& engine, int worker, const std::atomic<bool>& stop) {
    parallel::Backoff backoff;
    while (!stop) {
      if (engine.run_some(worker))
        backoff.reset();
      else
        backoff.wait();
    }
  }

  // Sends, receives, and takes part in the heartbeat. Returns whether anything moved.
  template <class Engine>
  bool poll(Engine& engine) {
    engine.send_news();
    const bool moved = comm_.size() > 1 && mailbox_.poll(true, [&](int from, std::span<const std::byte> record) {
      engine.receive(from, record);
    });
    const bool idle = is_idle(engine);
    if (heartbeat_.poll(idle || engine.wants_news(), [&] { return beat(engine, idle); })) hear(engine);
    return moved;
  }
  // The scheduler first: when no vertex runs, what they had to say is noted.
  template <class Engine>
  bool is_idle(const Engine& engine) const {
    const bool running = draining_ ? engine.running() > 0 : !scheduler_.idle();
    return !running && engine.silent() && mailbox_.empty();
  }
  template <class Engine>
  typename Heartbeat<News>::Beat beat(const Engine& engine, bool idle) {
    News news;
    news.updates = engine.updates();
    news.moved = news.updates + mailbox_.received();
    news.scheduled = scheduler_.outstanding();
    news.late = options_.watchdog_seconds > 0 && seconds_since(last_moved_) >= options_.watchdog_seconds;
    // Other ranks' updates may have written data here too.
    if (news.moved != aggregated_at_ || heartbeat_.beats() == 0) aggregate_ = engine.aggregate();
    aggregated_at_ = news.moved;
    news.global = aggregate_;
    return {mailbox_.sent(), mailbox_.received(), idle, news};
  }
  template <class Engine>
  void hear(Engine& engine) {
    News all;
    for (const auto& beat : heartbeat_.all()) {
      all.updates += beat.extra.updates;
      all.moved += beat.extra.moved;
      all.scheduled += beat.extra.scheduled;
      all.late = all.late || beat.extra.late;
      all.global += beat.extra.global;
    }
    engine.set_global(all.global);
    if (all.updates > 0 && engine.converged(all.global)) draining_ = true;
    if (all.updates >= options_.max_updates && !heartbeat_.ended()) draining_ = over_limit_ = true;
    const bool moved = std::exchange(moved_, all.moved) != all.moved;
    if (moved) last_moved_ = Clock::now();
    heard_ = Clock::now();
    if (options_.on_progress) options_.on_progress({all.updates, all.scheduled});
    if (all.late && !moved && !heartbeat_.ended()) {
      const Error error = standstill(comm_, options_.watchdog_seconds, state(engine), engine.waits());
      mailbox_.close();
      throw error;
    }
  }

  double seconds_since(Clock::time_point then) const {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }
  // Another rank has not taken part in the heartbeat for long: it can not be asked, so every rank tells what it knows.
  template <class Engine>
  void watch(Engine& engine) {
    if (options_.watchdog_seconds <= 0 || seconds_since(heard_) < 2 * options_.watchdog_seconds) return;
    throw silence(2 * options_.watchdog_seconds, state(engine));
  }
  template <class Engine>
  std::string state(Engine& engine) {
    return fmt::format("\n  rank {}: {}, {} vertices scheduled, {}, {} batches sent, {} received{}", comm_.rank(),
                       draining_ ? "ending" : "running", scheduler_.outstanding(), engine.state(), mailbox_.sent(),
                       mailbox_.received(), mailbox_.empty() ? "" : ", more to send");
  }

  Communicator& comm_;
  const AsyncOptions& options_;
  Scheduler scheduler_;
  Mailbox mailbox_;
  Heartbeat<News> heartbeat_;

  std::atomic<bool> draining_{false};
  bool over_limit_ = false;
  double idle_seconds_ = 0;
  Global aggregate_{};
  std::uint64_t aggregated_at_ = 0;
  std::uint64_t moved_ = 0;
  Clock::time_point last_moved_{}, heard_{};
};

}  // namespace gasket

// What engines without supersteps are for, measured:
//
//   mpirun -n 2 async pipeline --latency-ms 1        updates/s of the locking engine over the length of the pipeline, with every
//                                                    message held back that long
//   async locks                                      updates/s of the locking engine over how many vertices share a lock
//   mpirun -n 2 async slow                           components with one rank slowed 4 times, in supersteps and without
//   async order                                      relaxations of shortest paths on a grid with weights, by scheduler
//   async components --graph path:vertices=100000    updates and arcs of components, in supersteps and without, with offers
//                                                    and with sums taken anew

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cxxopts.hpp>
#include <deque>

#include "apps/demonstrations.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/async/async_engine.hpp"
#include "engine/scope/locking_engine.hpp"
#include "engine/scope/regather.hpp"
#include "engine/sync_engine.hpp"
#include "partition/comm/mpi_transport.hpp"
#include "partition/comm/session.hpp"
#include "partition/io/open.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"

using namespace gasket;

namespace {

// Hands on what comes for the mailbox only after a while, as a slow network would; any number of messages are under way.
class DelayedTransport final : public Transport {
 public:
  using Clock = std::chrono::steady_clock;
  explicit DelayedTransport(std::chrono::microseconds latency)
      : latency_(latency), lanes_(static_cast<std::size_t>(under_.size())) {}

  int rank() const override { return under_.rank(); }
  int size() const override { return under_.size(); }
  Ticket send(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when) override {
    return under_.send(to, tag, bytes, done_when);
  }
  Ticket receive(int from, Tag tag, std::span<std::byte> into) override {
    if (tag != Tag::mailbox) return under_.receive(from, tag, into);
    Lane& lane = lanes_[static_cast<std::size_t>(from)];
    lane.into = into;
    if (lane.buffer.empty()) {
      lane.buffer.resize(into.size());
      lane.ticket = under_.receive(from, tag, lane.buffer);
    }
    return {kOwn | static_cast<std::uint64_t>(from), 0, false};
  }
  Ticket all_gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    return under_.all_gather(mine, all);
  }
  bool test(Ticket& ticket) override {
    if (ticket.done) return true;
    if ((ticket.handle & kOwn) == 0) return under_.test(ticket);
    const auto from = static_cast<std::size_t>(ticket.handle & ~kOwn);
    Lane& lane = lanes_[from];
    while (under_.test(lane.ticket)) {
      const auto end = lane.buffer.begin() + static_cast<std::ptrdiff_t>(lane.ticket.received);
      lane.held.push_back({Clock::now() + latency_, {lane.buffer.begin(), end}});
      lane.ticket = under_.receive(static_cast<int>(from), Tag::mailbox, lane.buffer);
    }
    if (lane.held.empty() || Clock::now() < lane.held.front().due) return false;
    std::ranges::copy(lane.held.front().bytes, lane.into.begin());
    ticket.received = lane.held.front().bytes.size();
    ticket.done = true;
    lane.held.pop_front();
    return true;
  }
  void idle() override { under_.idle(); }

 private:
  static constexpr std::uint64_t kOwn = std::uint64_t{1} << 63;
  struct Message {
    Clock::time_point due;
    std::vector<std::byte> bytes;
  };
  struct Lane {
    std::vector<std::byte> buffer;  // for the receive that is always posted
    Ticket ticket;
    std::deque<Message> held;
    std::span<std::byte> into;  // where the receive above wants the next
  };
  MpiTransport under_;
  std::chrono::microseconds latency_;
  std::vector<Lane> lanes_;  // by rank
};

DistributedGraph open(Communicator& comm, const std::string& spec, const std::string& placement) {
  const auto source = open_source(comm, {.path = spec, .weights = true});
  LoadOptions options;
  options.undirected = true;
  options.placement = placement;
  options.need = {true, true};
  return load_graph(comm, *source, options);
}

void measure_pipeline(Session& session, double latency_ms, const std::string& spec) {
  DelayedTransport transport(std::chrono::microseconds(static_cast<int>(latency_ms * 1000)));
  Communicator comm(transport);
  const DistributedGraph graph = open(comm, spec, "random");
  const ScopeGraph scope(graph);
  if (session.rank() == 0)
    fmt::print("{}, {} ranks, {:g} ms per message, edge consistency\n{:>10} {:>14} {:>10}\n", spec, comm.size(),
               latency_ms, "pipeline", "updates/s", "ratio");
  double first = 0;
  for (const std::size_t pipeline : {1, 10, 100, 1000}) {
    ScopeOptions options;
    options.consistency = Consistency::edge;
    options.pipeline = pipeline;
    // A short pipeline would take minutes over all of it.
    options.max_updates = pipeline < 1000 ? 400 * pipeline : ~std::uint64_t{0};
    options.interval = std::chrono::microseconds(1000);
    const auto result = run_locking(scope, EdgeCounter{.rounds = 2}, options);
    const double rate = static_cast<double>(result.record.updates) / result.record.seconds;
    if (first == 0) first = rate;
    if (session.rank() == 0) fmt::print("{:>10} {:>14.0f} {:>9.1f}x\n", pipeline, rate, rate / first);
  }
}

void measure_locks(Session& session, const std::string& spec) {
  const DistributedGraph graph = open(session.communicator(), spec, "contiguous");
  const ScopeGraph scope(graph);
  if (session.rank() == 0)
    fmt::print("{}, {} ranks x {} threads, median of 5\n{:>18} {:>14} {:>14}\n", spec, session.size(),
               parallel::threads(), "vertices per lock", "edge", "full");
  for (const int shift : {0, 1, 2, 4, 6}) {
    std::vector<double> rates;
    for (const Consistency level : {Consistency::edge, Consistency::full}) {
      std::vector<double> runs;
      for (int run = 0; run < 5; ++run) {
        ScopeOptions options;
        options.consistency = level;
        options.lock_shift = shift;
        const auto result = run_locking(scope, EdgeCounter{.rounds = 4}, options);
        runs.push_back(static_cast<double>(result.record.updates) / result.record.seconds);
      }
      std::ranges::sort(runs);
      rates.push_back(runs[2]);
    }
    if (session.rank() == 0) fmt::print("{:>18} {:>14.0f} {:>14.0f}\n", 1 << shift, rates[0], rates[1]);
  }
}

// One line of a table: what a run did, and its seconds.
void print_row(const Session& session, const std::string& name, std::uint64_t updates, std::uint64_t arcs,
               double seconds) {
  if (session.rank() == 0) fmt::print("{:>24} {:>14} {:>14} {:>10.3f}\n", name, updates, arcs, seconds);
}
void print_head(const Session& session, const std::string& what) {
  if (session.rank() == 0)
    fmt::print("{}, {} ranks x {} threads\n{:>24} {:>14} {:>14} {:>10}\n", what, session.size(), parallel::threads(),
               "engine", "updates", "arcs", "seconds");
}

constexpr std::pair<SchedulerKind, const char*> kSchedulers[] = {
    {SchedulerKind::fifo, "fifo"}, {SchedulerKind::sweep, "sweep"}, {SchedulerKind::priority, "priority"}};

// A program in supersteps, without them, and with sums taken anew under every scheduler.
template <class P>
void compare_engines(Session& session, const DistributedGraph& graph, const P& program, bool anew) {
  const auto sync = run_sync(graph, program);
  print_row(session, "sync", sync.record.updates, 0, sync.record.seconds);
  for (const auto& [kind, name] : kSchedulers) {
    AsyncOptions options;
    options.scheduler = kind;
    const auto result = run_async(graph, program, options);
    print_row(session, fmt::format("async {}", name), result.record.updates, result.record.arcs, result.record.seconds);
  }
  if (!anew) return;
  const ScopeGraph scope(graph);
  for (const auto& [kind, name] : kSchedulers) {
    ScopeOptions options;
    options.consistency = Consistency::vertex;
    options.scheduler = kind;
    auto result = run_locking(scope, Regather<P>{program}, options);
    count_gathers<P>(scope, result.runs, result.record);
    print_row(session, fmt::format("sums anew {}", name), result.record.updates, result.record.arcs,
              result.record.seconds);
  }
}

void measure_order(Session& session, const std::string& spec, double delta, bool anew) {
  const DistributedGraph graph = open(session.communicator(), spec, "contiguous");
  print_head(session, spec + ", shortest paths from vertex 0");
  compare_engines(session, graph, Sssp{.source = 0, .delta = delta}, anew);
}

void measure_components(Session& session, const std::string& spec, bool anew) {
  const DistributedGraph graph = open(session.communicator(), spec, "contiguous");
  print_head(session, spec + ", components");
  compare_engines(session, graph, Wcc<std::uint32_t>(), anew);
}

// Components where a vertex of one rank takes its time.
struct SlowWcc : Wcc<std::uint32_t> {
  int turns = 0;
  Data apply(const Vertex& v, const Data& label, const Accum& offer) const {
    for (int i = 0; i < turns; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
    return Wcc<std::uint32_t>::apply(v, label, offer);
  }
};

void measure_slow(Session& session, const std::string& spec) {
  const DistributedGraph graph = open(session.communicator(), spec, "contiguous");
  constexpr int kTurns = 10000;
  if (session.rank() == 0)
    fmt::print(
        "{}, {} ranks, components; {} turns of an empty loop per update, 4 times that on rank 0 where it is slow\n"
        "{:>8} {:>6} {:>10} {:>14}   waiting per rank (s)\n",
        spec, session.size(), kTurns, "engine", "slow", "seconds", "updates");
  for (const int slowness : {1, 4}) {
    SlowWcc program;
    program.turns = session.rank() == 0 ? kTurns * slowness : kTurns;
    const auto row = [&](const char* name, double seconds, std::uint64_t updates, const std::vector<double>& waited) {
      if (session.rank() == 0)
        fmt::print("{:>8} {:>6} {:>10.3f} {:>14}   {:.2f}\n", name, slowness, seconds, updates, fmt::join(waited, " "));
    };
    const auto sync = run_sync(graph, program);
    row("sync", sync.record.seconds, sync.record.updates, sync.record.waited);
    AsyncOptions options;
    options.scheduler = SchedulerKind::sweep;
    const auto async = run_async(graph, program, options);
    std::vector<double> idle;
    for (const AsyncRecord::Rank& rank : async.record.ranks) idle.push_back(rank.idle_seconds);
    row("async", async.record.seconds, async.record.updates, idle);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  cxxopts::Options options("async", "engines without supersteps, measured");
  options.add_options()("what", "pipeline, locks, order, components or slow",
                        cxxopts::value<std::string>()->default_value("order"))(
      "latency-ms", "pipeline: held back per message", cxxopts::value<double>()->default_value("1"))(
      "delta", "order: width of the buckets", cxxopts::value<double>()->default_value("1"))(
      "anew", "order, components: also with sums taken anew, by scheduler", cxxopts::value<bool>())(
      "graph", "generator or file", cxxopts::value<std::string>());
  options.parse_positional({"what"});
  try {
    const auto line = options.parse(argc, argv);
    const auto what = line["what"].as<std::string>();
    const auto graph = [&](const char* usual) { return line.count("graph") ? line["graph"].as<std::string>() : usual; };
    if (what == "pipeline")
      measure_pipeline(session, line["latency-ms"].as<double>(), graph("uniform:vertices=100000,edges=300000"));
    else if (what == "locks")
      measure_locks(session, graph("grid:rows=300,cols=300"));
    else if (what == "order")
      measure_order(session, graph("grid:rows=500,cols=500,weights=true"), line["delta"].as<double>(),
                    line.count("anew") > 0);
    else if (what == "components")
      measure_components(session, graph("grid:rows=500,cols=500"), line.count("anew") > 0);
    else if (what == "slow")
      measure_slow(session, graph("grid:rows=100,cols=100"));
    else
      throw UsageError(fmt::format("{}: must be pipeline, locks, order, components or slow", what));
  } catch (const std::exception& error) {
    if (session.rank() == 0) fmt::print(stderr, "async: {}\n", error.what());
    session.abort(ExitCode::usage);
  }
}

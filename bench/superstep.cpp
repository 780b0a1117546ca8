// Seconds per PageRank superstep beside a plain loop over the same rows, in one run, measured in turn.
//
//   superstep --scale 22                         one rank: 1 and 2 threads
//   mpirun -n 2 --bind-to none superstep ...     also two ranks of one thread, on the same graph
//
// The plain loop is what an expert writes first: for each vertex add up contributions of its in-neighbours, then
// compute its rank; doubles, no ghost, no aggregate beyond the dangling rank. "plain x1" is it on one thread: the
// figure to beat at all.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cxxopts.hpp>
#include <thread>

#include "apps/pagerank.hpp"
#include "engine/sync_engine.hpp"
#include "partition/comm/session.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/io/generate.hpp"
#include "partition/load.hpp"

using namespace gasket;

namespace {

constexpr std::uint64_t kSupersteps = 5;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// One sweep of the plain loop per call; state lives between sweeps.
class PlainLoop {
 public:
  explicit PlainLoop(const DistributedGraph& graph)
      : graph_(graph),
        blocks_(cut_rows({&graph.by_target(), nullptr}, 0, graph.masters()).blocks),
        rank_(graph.masters()),
        contribution_(graph.masters()) {
    std::fill(rank_.begin(), rank_.end(), 1.0 / static_cast<double>(graph.masters()));
  }

  void sweep() {
    const auto n = static_cast<double>(graph_.masters());
    const double dangling = parallel::reduce_ranges<double>(
        graph_.masters(), 1 << 14, 0.0,
        [&](std::size_t begin, std::size_t end) {
          double sum = 0;
          for (std::size_t v = begin; v < end; ++v) {
            const std::uint32_t degree = graph_.out_degree(static_cast<LocalId>(v));
            if (degree == 0) sum += rank_[v];
            contribution_[v] = degree == 0 ? 0.0 : rank_[v] / degree;
          }
          return sum;
        },
        std::plus<double>());
    const Adjacency& rows = graph_.by_target();
    parallel::for_each_index(blocks_.size(), [&](std::size_t b) {
      for (LocalId v = blocks_[b].begin; v < blocks_[b].end; ++v) {
        double sum = 0;
        for (const LocalId u : rows.row(v)) sum += contribution_[u];
        rank_[v] = 0.15 / n + 0.85 * (sum + dangling / n);
      }
    });
  }

 private:
  const DistributedGraph& graph_;
  std::vector<RowBlock> blocks_;
  BigArray<double> rank_;
  BigArray<double> contribution_;
};

DistributedGraph make_graph(Communicator& comm, const std::string& generator, const std::string& placement) {
  const auto source = open_generator(parse_generator(generator), {comm.rank(), comm.size()});
  LoadOptions options;
  options.undirected = true;
  options.drop_self_loops = options.drop_duplicates = true;
  options.placement = placement;
  options.need = adjacency_need<PageRank>();
  return load_graph(comm, *source, options);
}

template <class Value = double>
double engine_seconds(const DistributedGraph& graph) {
  SyncOptions options;
  options.max_supersteps = kSupersteps;
  const auto result = run_sync(graph, BasicPageRank<Value>{.tolerance = 0}, options);
  std::vector<double> steps;
  for (const SuperstepRecord& step : result.record.supersteps) steps.push_back(step.seconds);
  return median(steps);
}

// Waits without using the core, while the other rank measures alone.
void wait_quietly(Communicator& comm, bool working) {
  char token = 0;
  if (working) {
    for (int r = 1; r < comm.size(); ++r) {
      Pending go = comm.send(r, Tag::exchange, std::span<const char>(&token, 1));
      comm.wait(go);
    }
  } else {
    Pending go = comm.receive(0, Tag::exchange, std::span<char>(&token, 1));
    while (!comm.test(go)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  cxxopts::Options flags("superstep", "seconds per PageRank superstep, beside a plain loop over the same rows");
  flags.add_options()("scale", "R-MAT scale", cxxopts::value<int>()->default_value("20"))(
      "generator", "another graph than R-MAT, as NAME:KEY=VALUE,...", cxxopts::value<std::string>(), "G")(
      "repeat", "rounds", cxxopts::value<int>()->default_value("7"))(
      "placement", "of the two-rank graph", cxxopts::value<std::string>()->default_value("dbh"))("help", "print this");
  const auto given = flags.parse(argc, argv);
  if (given.count("help") > 0) {
    if (session.rank() == 0) fmt::print("{}", flags.help());
    return 0;
  }
  const std::string generator = given.count("generator") > 0 ? given["generator"].as<std::string>()
                                                             : fmt::format("rmat:scale={}", given["scale"].as<int>());
  Communicator& world = session.communicator();
  const bool several = session.size() > 1;

  std::vector<double> plain1, plain2, engine1, engine2, float1, float2, ranks;
  parallel::set_threads(1);
  std::optional<DistributedGraph> shared;
  if (several) shared.emplace(make_graph(world, generator, given["placement"].as<std::string>()));

  const int rounds = given["repeat"].as<int>();
  if (session.rank() != 0) {
    for (int round = 0; round < rounds; ++round) {
      wait_quietly(world, false);
      engine_seconds(*shared);
    }
    return 0;
  }
  // A world of one rank, so that the same process measures alone and together with the other.
  SimulatedNetwork({.ranks = 1}).run([&](Communicator& self) {
    parallel::set_threads(2);
    const DistributedGraph graph = make_graph(self, generator, "random");
    fmt::print("{} symmetrised: {} vertices, {} arcs; medians of {} rounds\n", generator, graph.vertices(),
               graph.arcs(), rounds);
    PlainLoop plain(graph);
    for (int round = 0; round < rounds; ++round) {
      for (const int threads : {1, 2}) {
        parallel::set_threads(threads);
        plain.sweep();
        const auto start = std::chrono::steady_clock::now();
        for (std::uint64_t i = 0; i < kSupersteps; ++i) plain.sweep();
        (threads == 1 ? plain1 : plain2).push_back(seconds_since(start) / kSupersteps);
        (threads == 1 ? engine1 : engine2).push_back(engine_seconds(graph));
        (threads == 1 ? float1 : float2).push_back(engine_seconds<float>(graph));
      }
      if (several) {
        parallel::set_threads(1);
        wait_quietly(world, true);
        ranks.push_back(engine_seconds(*shared));
      }
    }
  });
  const auto row = [&](const char* name, const std::vector<double>& times, const std::vector<double>& base) {
    if (times.empty()) return;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < times.size(); ++i) ratios.push_back(times[i] / base[i]);
    const auto [low, high] = std::ranges::minmax(ratios);
    fmt::print("{:26} {:9.2f} ms   {:5.2f} x plain x1   {:5.2f} x its base ({:.2f} .. {:.2f})\n", name,
               median(times) * 1e3, median(times) / median(plain1), median(ratios), low, high);
  };
  row("plain loop, 1 thread", plain1, plain1);
  row("plain loop, 2 threads", plain2, plain1);
  row("engine, 1 thread", engine1, plain1);
  row("engine, 2 threads", engine2, plain2);
  row("engine, float, 1 thread", float1, plain1);
  row("engine, float, 2 threads", float2, plain2);
  row("engine, 2 ranks x 1 thread", ranks, engine2);
  fmt::print(
      "base: of an engine row the plain loop with as many threads; of the ranks row the engine with 2 threads\n");
  return 0;
}

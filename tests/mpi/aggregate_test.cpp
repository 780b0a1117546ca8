// Aggregates of runs without supersteps: taken in the background while vertices run, exact at the end, and able to end a
// run that would go on.

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/gasket.hpp"
#include "engine/scope/run_update.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// Runs for ever; knows from the aggregate how often all have run.
struct Counting {
  struct Data {
    std::uint64_t runs = 0;
    std::uint64_t heard = 0;  // the highest aggregate it has seen
    bool fell = false;        // one was lower than the one before
  };
  struct Global {
    std::uint64_t runs = 0;
    std::uint64_t hearers = 0;  // vertices that have heard of the runs of others
    double roots = 0;
    Global& operator+=(const Global& other) {
      runs += other.runs;
      hearers += other.hearers;
      roots += other.roots;
      return *this;
    }
  };
  static constexpr Consistency needs = Consistency::vertex;
  std::uint64_t limit = 0;

  Data init(const Vertex&) const { return {}; }
  template <class S>
  void update(S& scope) const {
    Data data = scope.data();
    const std::uint64_t now = scope.global().runs;
    data.fell = data.fell || now < data.heard;
    data.heard = now;
    ++data.runs;
    scope.set(data);
    scope.signal();
  }
  Global aggregate(const Vertex&, const Data& data) const {
    return {data.runs, data.heard > 0 ? 1u : 0u, std::sqrt(static_cast<double>(data.runs))};
  }
  bool converged(const Global& global) const { return global.runs >= limit && global.hearers > 0; }
};

}  // namespace

TEST_CASE("aggregates are heard while vertices run, end the run, and are exact at the end") {
  const PlainGraph plain = random_graph(200, 800, 4);
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions load;
  load.undirected = true;
  load.placement = "random";
  const DistributedGraph graph = load_graph(world(), source, load);
  const ScopeGraph scope(graph);
  for (const int threads : {1, 2})
    for (const ScopeEngine engine : {ScopeEngine::locking, ScopeEngine::chromatic})
      for (const Consistency level : {Consistency::vertex, Consistency::edge}) {
        if (engine == ScopeEngine::chromatic && level == Consistency::vertex) continue;
        parallel::set_threads(threads);
        CAPTURE(threads, engine == ScopeEngine::chromatic, static_cast<int>(level));
        ScopeOptions options;
        options.consistency = level;
        options.scheduler = threads == 1 ? SchedulerKind::sweep : SchedulerKind::fifo;
        options.interval = std::chrono::microseconds(500);
        options.watchdog_seconds = 20;
        const auto result = run_update(scope, Counting{.limit = 20'000}, engine, options);
        std::uint64_t runs = 0, heard = 0;
        double roots = 0;
        for (const Counting::Data& data : result.values) {
          CHECK((data.runs > 0 || threads > 1 ||
                 world().size() > 1));  // a vertex that schedules itself lets the others run too
          runs += data.runs;
          roots += std::sqrt(static_cast<double>(data.runs));
          heard = std::max(heard, data.heard);
          CHECK_FALSE(data.fell);
        }
        CHECK(result.record.converged);
        CHECK(result.global.runs == world().sum(runs));
        CHECK(result.global.runs >= 20'000);
        CHECK(result.global.roots == Approx(world().sum(roots)));
        // What ended the run was heard of before, on the way there.
        CHECK(world().max(heard) > 0);
      }
  parallel::set_threads(1);
}

// Placement by several ranks: the same for every thread and run; the same for any number of ranks where the strategy
// says so; and where ranks place their shares side by side, no fuller parts and hardly more copies than one rank alone.

#include <catch2/catch.hpp>
#include <mutex>

#include "partition/comm/simulated_network.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/placement_lab.hpp"

using namespace gasket;

namespace {

constexpr PartId kParts = 6;

struct PlacedEdge {
  GlobalId source, target;
  PartId part;
  auto operator<=>(const PlacedEdge&) const = default;
};

struct Outcome {
  std::vector<PlacedEdge> edges;  // sorted
  std::vector<PartId> masters;
  PlacementStudy study;
};

// A source whose workers are done in the reverse order.
class BackwardSource final : public EdgeSource {
 public:
  BackwardSource(const PlainGraph& graph, Share share) : forward_(graph, share) {}
  std::string describe() const override { return forward_.describe(); }
  bool weighted() const override { return forward_.weighted(); }
  bool lists_vertices() const override { return forward_.lists_vertices(); }
  void read_vertices(const VertexSink& sink) override { forward_.read_vertices(sink); }
  void read_edges(const ChunkSink& sink) override {
    std::vector<EdgeChunk> chunks;
    forward_.read_edges([&](EdgeChunk&& chunk) { chunks.push_back(std::move(chunk)); });
    for (; !chunks.empty(); chunks.pop_back()) sink(std::move(chunks.back()));
  }

 private:
  MemorySource forward_;
};

// Most edges are the first rank's, a few the last one's.
class UnevenSource final : public EdgeSource {
 public:
  UnevenSource(const PlainGraph& graph, Share share) : slice_(slice(graph, share)), source_(slice_, {0, 1}) {}
  std::string describe() const override { return source_.describe(); }
  bool weighted() const override { return source_.weighted(); }
  void read_edges(const ChunkSink& sink) override { source_.read_edges(sink); }

 private:
  static PlainGraph slice(const PlainGraph& graph, Share share) {
    PlainGraph mine{graph.name, {}};
    std::size_t begin = 0, end = graph.edges.size();
    for (int r = 0; r <= share.rank; ++r) {
      begin = r == 0 ? 0 : end;
      end = r + 1 == share.ranks ? graph.edges.size() : begin + (graph.edges.size() - begin) * 3 / 4;
    }
    mine.edges.assign(graph.edges.begin() + static_cast<std::ptrdiff_t>(begin),
                      graph.edges.begin() + static_cast<std::ptrdiff_t>(end));
    return mine;
  }

  PlainGraph slice_;
  MemorySource source_;
};

template <class Source = MemorySource>
Outcome place(const PlainGraph& graph, const PlacementInfo& info, int ranks, std::uint64_t seed,
              PartId parts_wanted = kParts) {
  Outcome outcome;
  std::mutex guard;
  SimulatedNetwork({.ranks = ranks, .seed = seed}).run([&](Communicator& comm) {
    Source source(graph, {comm.rank(), comm.size()});
    const PlacementLab lab(comm, source, false);
    const BigArray<std::uint32_t> degrees =
        count_degrees(comm, lab.input.edges, lab.input.vertices, info.degrees, false);
    PlacementInput how = lab.describe(parts_wanted);
    how.degrees = degrees.span();
    const auto placement = info.make(how);
    const PlacementStudy study = lab.study(info.name, parts_wanted);
    const std::lock_guard lock(guard);
    for (std::size_t c = 0; c < lab.input.edges.size(); ++c) {
      std::vector<PartId> parts(lab.input.edges[c].size());
      placement->place(lab.input.edges[c], c, parts);
      lab.input.edges[c].for_each([&](GlobalId s, GlobalId t, std::size_t i) {
        outcome.edges.push_back({s, t, parts[i]});
      });
    }
    outcome.masters.resize(lab.input.vertices);
    placement->masters(0, outcome.masters);
    outcome.study = study;
  });
  std::ranges::sort(outcome.edges);
  return outcome;
}

}  // namespace

TEST_CASE("strategies that say so place the same on any number of ranks, the others about as well") {
  const PlainGraph graph = random_graph(800, 8000, 4);
  for (const PlacementInfo& info : placements()) {
    const Outcome alone = place(graph, info, 1, 1);
    for (const int ranks : {2, 3}) {
      CAPTURE(info.name, ranks);
      const Outcome several = place(graph, info, ranks, 1);
      REQUIRE(several.edges.size() == alone.edges.size());
      // Whatever messages arrive when.
      const Outcome again = place(graph, info, ranks, 99);
      CHECK((again.edges == several.edges));
      CHECK((again.masters == several.masters));
      if (info.any_ranks) {
        CHECK((several.edges == alone.edges));
        CHECK((several.masters == alone.masters));
      } else {
        // Ranks that are oblivious of each other start again, each of them.
        CHECK(several.study.edge_copies <= (info.name == "oblivious" ? 1.5 : 1.15) * alone.study.edge_copies);
        CHECK(several.study.edge_balance <= 1.1);
      }
    }
  }
}

TEST_CASE("it does not matter in which order workers are done with their chunks") {
  PlainGraph twice = random_graph(300, 2100, 5);
  for (std::size_t i = 0; i < 700; ++i) twice.edges.push_back(twice.edges[i]);  // some chunks are equal
  for (const PlacementInfo& info : placements())
    for (const int ranks : {1, 2}) {
      CAPTURE(info.name, ranks);
      const Outcome forward = place(twice, info, ranks, 1), backward = place<BackwardSource>(twice, info, ranks, 1);
      CHECK((forward.edges == backward.edges));
      CHECK((forward.masters == backward.masters));
    }
}

TEST_CASE("ranks of unequal shares together keep within the limit of a part") {
  PlainGraph star{"star", {}};
  for (ExternalId v = 1; v <= 20'000; ++v) star.edges.push_back({0, v});
  for (const PlacementInfo& info : placements()) {
    if (info.balance != Balance::limit) continue;
    for (const int ranks : {2, 3, 5}) {
      CAPTURE(info.name, ranks);
      CHECK(place<UnevenSource>(star, info, ranks, 1, 16).study.edge_balance <= 1.06);
    }
  }
}

TEST_CASE("more ranks than a part has edges keep within its limit too") {
  const PlainGraph graph = random_graph(900, 4000, 8);
  constexpr double kShare = 4000.0 / 1024, kLimit = 5;  // 1.05 of the share, as a whole number of edges
  for (const PlacementInfo& info : placements()) {
    if (info.balance != Balance::limit) continue;
    for (const int ranks : {1, 4, 16}) {
      CAPTURE(info.name, ranks);
      CHECK(place(graph, info, ranks, 1, 1024).study.edge_balance <= kLimit / kShare + 1e-9);
    }
  }
}

#pragma once
// Edges from memory as a source, dealt over the ranks one by one, and small graphs with names.

#include <string>
#include <vector>

#include "partition/hash.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct PlainEdge {
  ExternalId source;
  ExternalId target;
  double weight = 1;
};

struct PlainGraph {
  std::string name;
  std::vector<PlainEdge> edges;
  std::vector<ExternalId> listed = {};  // all vertices, when the source lists them
};

class MemorySource final : public EdgeSource {
 public:
  MemorySource(const PlainGraph& graph, Share share) : graph_(graph), share_(share) {}

  std::string describe() const override { return graph_.name; }
  bool weighted() const override { return true; }
  bool lists_vertices() const override { return !graph_.listed.empty(); }
  void read_vertices(const VertexSink& sink) override {
    if (share_.rank == 0) sink(graph_.listed);
  }
  void read_edges(const ChunkSink& sink) override {
    constexpr std::size_t kChunk = 7;  // many small chunks: seams everywhere
    std::vector<PlainEdge> mine;
    for (std::size_t i = static_cast<std::size_t>(share_.rank); i < graph_.edges.size();
         i += static_cast<std::size_t>(share_.ranks)) {
      mine.push_back(graph_.edges[i]);
      if (mine.size() == kChunk) deliver(mine, sink);
    }
    deliver(mine, sink);
  }

 private:
  static void deliver(std::vector<PlainEdge>& edges, const ChunkSink& sink) {
    EdgeChunk chunk;
    chunk.weights = BigArray<double>(edges.size());
    bool narrow = true;
    for (const PlainEdge& e : edges) narrow = narrow && (e.source | e.target) >> 32 == 0;
    const auto fill = [&](auto& pairs) {
      pairs = std::remove_cvref_t<decltype(pairs)>(2 * edges.size());
      for (std::size_t i = 0; i < edges.size(); ++i) {
        pairs[2 * i] = static_cast<std::remove_cvref_t<decltype(pairs[0])>>(edges[i].source);
        pairs[2 * i + 1] = static_cast<std::remove_cvref_t<decltype(pairs[0])>>(edges[i].target);
        chunk.weights[i] = edges[i].weight;
      }
    };
    if (narrow)
      fill(chunk.narrow);
    else
      fill(chunk.wide);
    edges.clear();
    sink(std::move(chunk));
  }

  const PlainGraph& graph_;
  Share share_;
};

/// `edges` random edges over ids 0, stride, 2 stride, ...; weights are eighths, so that sums of them are exact.
inline PlainGraph random_graph(std::uint32_t vertices, std::size_t edges, std::uint64_t seed,
                               std::uint64_t stride = 1) {
  PlainGraph graph{"random " + std::to_string(vertices) + "/" + std::to_string(edges) + "/" + std::to_string(stride),
                   {}};
  for (std::size_t i = 0; i < edges; ++i) {
    // Squaring skews one end: some hubs.
    const std::uint64_t a = spread(mix(seed * 1000003 + 3 * i), vertices),
                        b = spread(mix(seed * 1000003 + 3 * i + 1), vertices);
    graph.edges.push_back({a * a / vertices * stride, b * stride, static_cast<double>(mix(seed + 7 * i) % 64) / 8});
  }
  return graph;
}

/// Small graphs at the edges of what there is.
inline std::vector<PlainGraph> named_graphs() {
  constexpr std::uint64_t k31 = std::uint64_t{1} << 31, k32 = std::uint64_t{1} << 32, k63 = std::uint64_t{1} << 63;
  std::vector<PlainGraph> graphs = {
      {"one vertex, no edge", {}, {5}},
      {"three vertices, no edge", {}, {1, 2, 9}},
      {"self loop", {{3, 3}}},
      {"one edge", {{0, 1, 0.5}}},
      {"two-cycle", {{0, 1, 1}, {1, 0, 2}}},
      {"triangle and a dangling tail", {{0, 1}, {1, 2}, {2, 0}, {2, 3}}},
      {"two parts", {{1, 2}, {2, 3}, {10, 11}, {11, 12}, {12, 10}}},
      {"parallel edges and self loops", {{0, 1, 3}, {0, 1, 1}, {0, 1, 2}, {1, 1, 0}, {1, 2, 1}, {2, 2, 5}}},
      {"ids near 2^31", {{k31 - 1, k31, 1}, {k31, k31 + 1, 2}, {k31 + 1, k31 - 1, 3}}},
      {"ids near 2^32", {{k32 - 1, k32, 1}, {k32, k32 + 1, 2}, {k32 + 1, 0, 3}}},
      {"ids near 2^63 and 2^64", {{k63 - 1, k63, 1}, {k63, ~std::uint64_t{0}, 2}, {~std::uint64_t{0}, 0, 3}}},
      {"isolated beside a path", {{2, 4, 1}, {4, 6, 1}}, {1, 2, 3, 4, 5, 6, 7}},
  };
  PlainGraph path{"path", {}}, star{"star", {}}, clique{"clique", {}};
  for (ExternalId v = 0; v < 40; ++v) path.edges.push_back({v, v + 1, static_cast<double>(v % 5)});
  for (ExternalId v = 1; v < 60; ++v) star.edges.push_back({0, v, 1});
  for (ExternalId v = 0; v < 12; ++v)
    for (ExternalId u = 0; u < v; ++u) clique.edges.push_back({u, v, 1});
  graphs.push_back(path);
  graphs.push_back(star);
  graphs.push_back(clique);
  return graphs;
}

}  // namespace gasket

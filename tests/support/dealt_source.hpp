#pragma once
// Edges from memory as a source, dealt to the ranks as a test asks, that says of itself what a test asks.

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "partition/io/edge_source.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/world.hpp"

namespace gasket::test {

enum class Deal { first_rank, round_robin, blocks };

/// Deals the edges of a graph to the ranks, with or without weights, in chunks of any length.
class DealtSource final : public EdgeSource {
 public:
  DealtSource(const PlainGraph& graph, bool weighted = true, Deal deal = Deal::round_robin, std::size_t chunk = 5)
      : graph_(graph), weighted_(weighted), deal_(deal), chunk_(chunk) {}

  std::optional<std::uint64_t> vertices{};  // what vertex_count() says
  std::optional<bool> says_directed{};
  int failing_rank = -1;

  std::string describe() const override { return graph_.name; }
  bool weighted() const override { return weighted_; }
  std::optional<bool> directed() const override { return says_directed; }
  std::optional<std::uint64_t> vertex_count() const override { return vertices; }
  bool lists_vertices() const override { return !graph_.listed.empty(); }
  void read_vertices(const VertexSink& sink) override {
    for (std::size_t i = 0; i < graph_.listed.size(); ++i)
      if (is_mine(i, graph_.listed.size())) sink(std::span(&graph_.listed[i], 1));
  }
  void read_edges(const ChunkSink& sink) override {
    if (world().rank() == failing_rank) throw InputError("line 12 is bad");
    std::vector<PlainEdge> mine;
    for (std::size_t i = 0; i < graph_.edges.size(); ++i)
      if (is_mine(i, graph_.edges.size())) mine.push_back(graph_.edges[i]);
    for (std::size_t begin = 0; begin < mine.size(); begin += chunk_)
      sink(chunk_of(std::span(mine).subspan(begin, std::min(chunk_, mine.size() - begin))));
  }

 private:
  bool is_mine(std::size_t index, std::size_t count) const {
    const auto rank = static_cast<std::size_t>(world().rank()), ranks = static_cast<std::size_t>(world().size());
    if (deal_ == Deal::first_rank) return rank == 0;
    return deal_ == Deal::round_robin ? index % ranks == rank : index * ranks / count == rank;
  }
  EdgeChunk chunk_of(std::span<const PlainEdge> edges) const {
    EdgeChunk chunk;
    const auto fill = [&]<class Id>(BigArray<Id>& pairs) {
      pairs = BigArray<Id>(2 * edges.size());
      for (std::size_t i = 0; i < edges.size(); ++i) {
        pairs[2 * i] = static_cast<Id>(edges[i].source);
        pairs[2 * i + 1] = static_cast<Id>(edges[i].target);
      }
    };
    if (std::ranges::all_of(edges, [](const PlainEdge& e) { return (e.source | e.target) >> 32 == 0; }))
      fill(chunk.narrow);
    else
      fill(chunk.wide);
    if (weighted_) {
      chunk.weights = BigArray<double>(edges.size());
      for (std::size_t i = 0; i < edges.size(); ++i) chunk.weights[i] = edges[i].weight;
    }
    return chunk;
  }

  const PlainGraph& graph_;
  bool weighted_;
  Deal deal_;
  std::size_t chunk_;
};

}  // namespace gasket::test

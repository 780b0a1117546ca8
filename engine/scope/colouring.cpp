#include "engine/scope/colouring.hpp"

#include <algorithm>

#include "engine/scope/locking_engine.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::uint32_t kUncoloured = ~std::uint32_t{0};
constexpr std::size_t kPiece = 1024;

// Waits for the neighbours before it, then takes the first colour that they leave. There is one such colouring, so it does
// not matter when updates run or how old what they see of neighbours is: a colour never changes.
struct FirstFit {
  struct Data {
    std::uint32_t edges = 0;
    std::uint32_t colour = kUncoloured;
  };
  static constexpr Consistency needs = Consistency::vertex;
  static constexpr Consistency uses = Consistency::edge;

  Data init(const Vertex& v) const { return {v.in_degree + v.out_degree, kUncoloured}; }

  template <class S>
  void update(S& scope) const {
    const Data mine = scope.data();
    if (mine.colour != kUncoloured) return;
    const GlobalId self = scope.vertex().index;
    thread_local std::vector<bool> taken;
    taken.assign(scope.degree() + 1, false);
    for (const auto n : scope.neighbours()) {
      const Data theirs = n.data();
      if (!before(theirs, n.index(), mine, self)) continue;
      if (theirs.colour == kUncoloured) return;
      if (theirs.colour < taken.size()) taken[theirs.colour] = true;
    }
    scope.set({mine.edges, static_cast<std::uint32_t>(std::ranges::find(taken, false) - taken.begin())});
    for (const auto n : scope.neighbours())
      if (n.index() != self && before(mine, self, n.data(), n.index())) n.signal();
  }

 private:
  static bool before(const Data& a, GlobalId a_index, const Data& b, GlobalId b_index) {
    return std::pair(a.edges, colouring_hash(a_index)) > std::pair(b.edges, colouring_hash(b_index));
  }
};

BigArray<std::uint32_t> colour_distance_one(const ScopeGraph& graph) {
  ScopeOptions options;
  options.consistency = Consistency::vertex;
  const auto result = run_locking(graph, FirstFit(), options);
  BigArray<std::uint32_t> colours(graph.masters());
  for (LocalId v = 0; v < graph.masters(); ++v) colours[v] = result.values[v].colour;
  return colours;
}

class DistanceTwo {
 public:
  explicit DistanceTwo(const ScopeGraph& graph)
      : graph_(graph),
        sync_(graph.communicator(), graph.plan(), Tag::broadcast),
        colours_(graph.masters()),
        keys_(graph.locals()),
        near_(graph.locals()),
        far_(graph.locals()) {
    std::ranges::fill(colours_, kUncoloured);
  }

  BigArray<std::uint32_t> run() {
    for (std::uint32_t colour = 0; enter_uncoloured(); ++colour)
      while (graph_.communicator().any(any_candidate())) {
        give(colour);
        retire(colour);
      }
    return std::move(colours_);
  }

 private:
  // All without a colour are candidates for the next one. False when there is none on any rank.
  bool enter_uncoloured() {
    for (LocalId v = 0; v < graph_.masters(); ++v)
      keys_[v] = colours_[v] == kUncoloured ? colouring_hash(graph_.global_id(v)) : 0;
    broadcast(keys_);
    return graph_.communicator().any(any_candidate());
  }
  bool any_candidate() const {
    return std::any_of(keys_.begin(), keys_.begin() + graph_.masters(), [](std::uint64_t key) { return key != 0; });
  }
  // To the candidates with the highest key within distance two.
  void give(std::uint32_t colour) {
    highest_near(keys_, near_);
    broadcast(near_);
    highest_near(near_, far_);
    for (LocalId v = 0; v < graph_.masters(); ++v)
      if (keys_[v] != 0 && far_[v] == keys_[v]) colours_[v] = colour;
  }
  // Who has the colour, or somebody within distance two who has, is no candidate for it any more.
  void retire(std::uint32_t colour) {
    for (LocalId v = 0; v < graph_.masters(); ++v) far_[v] = colours_[v] == colour ? 1 : 0;
    broadcast(far_);
    highest_near(far_, near_);
    broadcast(near_);
    highest_near(near_, far_);
    for (LocalId v = 0; v < graph_.masters(); ++v)
      if (far_[v] != 0) keys_[v] = 0;
    broadcast(keys_);
  }
  void highest_near(const BigArray<std::uint64_t>& from, BigArray<std::uint64_t>& to) const {
    parallel::for_ranges(graph_.masters(), kPiece, [&](std::size_t begin, std::size_t end) {
      for (auto v = static_cast<LocalId>(begin); v < end; ++v) {
        std::uint64_t highest = from[v];
        for (const ScopeGraph::Link& link : graph_.links(v)) highest = std::max(highest, from[link.vertex()]);
        to[v] = highest;
      }
    });
  }
  void broadcast(BigArray<std::uint64_t>& values) { sync_.broadcast_all(Flow::both, values); }

  const ScopeGraph& graph_;
  GhostSync<std::uint64_t> sync_;
  BigArray<std::uint32_t> colours_;
  BigArray<std::uint64_t> keys_, near_, far_;
};

}  // namespace

Colouring colour_vertices(const ScopeGraph& graph, int distance) {
  Colouring colouring;
  colouring.colours = distance == 1 ? colour_distance_one(graph) : DistanceTwo(graph).run();
  std::uint64_t count = 0;
  for (const std::uint32_t colour : colouring.colours) count = std::max<std::uint64_t>(count, colour + 1);
  colouring.count = static_cast<std::uint32_t>(graph.communicator().max(count));
  return colouring;
}

}  // namespace gasket

#include "engine/components.hpp"

#include <unordered_map>

#include "engine/bitmap.hpp"
#include "engine/component_names.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/row_blocks.hpp"
#include "engine/step.hpp"
#include "engine/union_find.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

// Arcs looked at to find the giant component.
constexpr std::size_t kSamples = 1024;
// Rounds of one neighbour each, after the first, that may be spent on making a giant component.
constexpr std::size_t kMoreRounds = 2;
// Of such a round: joins beyond these are mostly between vertices that are joined already.
constexpr std::size_t kJoinsPerTree = 4;
constexpr std::size_t kGrain = std::size_t{1} << 14;

// The sets of one rank's vertices, masters and ghosts, that its own arcs join.
class LocalComponents {
 public:
  LocalComponents(const DistributedGraph& graph, const Adjacency& rows, bool symmetric)
      : rows_(rows), symmetric_(symmetric), sets_(graph.locals()) {
    begin();
    find_giant();
    for (std::size_t round = 1; round <= kMoreRounds && arcs_left_ > sets_.size(); ++round) {
      join_neighbour(round);
      find_giant();
    }
    join_the_rest();
    giant_ = sets_.size() > 0 ? sets_.root(giant_) : 0;
  }

  /// A component that holds many arcs, by its root.
  LocalId giant() const { return giant_; }
  UnionFind& sets() { return sets_; }

 private:
  // Every vertex under its first neighbour, which has the smallest local id: no two workers write to the same place.
  // What lies in the worker's own block is flat already, so that trees are never deeper than there are blocks.
  void begin() {
    const std::size_t blocks = 8 * static_cast<std::size_t>(parallel::threads());
    const std::size_t grain = std::max(kGrain, sets_.size() / blocks + 1);
    parallel::for_ranges(sets_.size(), grain, [&](std::size_t first, std::size_t last) {
      for (auto v = static_cast<LocalId>(first); v < last; ++v) {
        const EdgeCount arc = rows_.offsets[v];
        LocalId above = v;
        if (arc < rows_.offsets[v + 1]) above = std::min(v, rows_.neighbours[arc]);
        sets_.begin(v, first <= above && above < v ? sets_.parent(above) : above);
      }
    });
    flatten();
  }

  void flatten() {
    trees_ = parallel::reduce_ranges<std::size_t>(
        sets_.size(), kGrain, 0,
        [&](std::size_t first, std::size_t last) {
          std::size_t trees = 0;
          for (auto v = static_cast<LocalId>(first); v < last; ++v)
            trees += sets_.flatten(v) == v && rows_.degree(v) > 0 ? 1 : 0;
          return trees;
        },
        std::plus<>());
  }

  void join_neighbour(std::size_t position) {
    // Every so many vertices: so many rows less are touched.
    const auto stride = std::max<std::size_t>(1, sets_.size() / (kJoinsPerTree * trees_ + 1));
    parallel::for_ranges(sets_.size(), kGrain * stride, [&](std::size_t first, std::size_t last) {
      for (std::size_t at = first; at < last; at += stride) {
        const auto v = static_cast<LocalId>(at);
        if (rows_.degree(v) > position) sets_.join(v, rows_.row(v)[position]);
      }
    });
    flatten();
  }

  // Samples ends of arcs: it is arcs that the giant component saves.
  void find_giant() {
    if (rows_.arcs() == 0) return;
    std::unordered_map<LocalId, std::size_t> seen;
    std::size_t most = 0;
    for (std::size_t i = 0; i < kSamples; ++i) {
      const LocalId root = sets_.parent(rows_.neighbours[mix(i) % rows_.arcs()]);
      if (const std::size_t count = ++seen[root]; count > most) {
        most = count;
        giant_ = root;
      }
    }
    arcs_left_ = rows_.arcs() / kSamples * (kSamples - most);
  }

  // All arcs but those inside the giant component. Where every arc has its reverse here, an arc out of the giant is
  // found at its other end, so the giant's rows need not be read; else its rows are searched for neighbours outside.
  // Who is in the giant was told by the pass before; those few whose parents have changed since are looked at again.
  void join_the_rest() {
    const std::vector<RowBlock> blocks = cut_into_blocks({&rows_, nullptr}, 0, sets_.size());
    parallel::for_each_index(blocks.size(), [&](std::size_t b) {
      for (LocalId v = blocks[b].begin; v < blocks[b].end; ++v) {
        if (sets_.parent(v) != giant_) {
          for (const LocalId u : rows_.row(v)) sets_.join(v, u);
        } else if (!symmetric_) {
          for (const LocalId u : rows_.row(v))
            if (sets_.parent(u) != giant_) sets_.join(v, u);
        }
      }
    });
  }

  const Adjacency& rows_;
  bool symmetric_;
  UnionFind sets_;
  LocalId giant_ = 0;
  std::size_t trees_ = 0;    // of vertices that have a row
  EdgeCount arcs_left_ = 0;  // about how many lie outside the giant
};

// Pairs of names with most of the repetitions left out as they come.
template <class Name>
class PairList {
 public:
  PairList() : recent_(kRecent) {}

  void add(Name a, Name b) {
    const NamePair<Name> pair{std::min(a, b), std::max(a, b)};
    NamePair<Name>& last = recent_[mix(mix(pair.low) ^ pair.high) % kRecent];
    if (last == pair) return;
    last = pair;
    pairs_.push_back(pair);
  }
  std::vector<NamePair<Name>> take() { return std::move(pairs_); }

 private:
  static constexpr std::size_t kRecent = std::size_t{1} << 12;
  std::vector<NamePair<Name>> recent_;  // {0, 0} is no pair
  std::vector<NamePair<Name>> pairs_;
};

template <class Label>
class ComponentFinder {
 public:
  ComponentFinder(const DistributedGraph& graph, const ComponentsOptions& options)
      : graph_(graph), options_(options), comm_(graph.communicator()) {}

  ComponentsResult<Label> run() {
    const Stopwatch whole;
    const parallel::Team team;
    ComponentsResult<Label> result;
    result.record.supersteps.push_back(timed([&] { find_local(); }));
    if (comm_.size() > 1) result.record.supersteps.push_back(timed([&] { join_ranks(); }));
    result.labels = label_masters();
    result.record.converged = true;
    result.record.seconds = whole.seconds();
    return result;
  }

 private:
  template <class Body>
  SuperstepRecord timed(const Body& body) {
    const Stopwatch watch;
    const std::uint64_t before = comm_.bytes_sent();
    body();
    SuperstepRecord step;
    step.active = step.updates = graph_.vertices();
    step.bytes_sent = comm_.size() > 1 ? comm_.sum(comm_.bytes_sent() - before) : 0;
    step.seconds = step.compute_seconds = watch.seconds();
    return step;
  }

  // -- On this rank -----------------------------------------------------------------------------------------

  // On one rank in the input's order a local id is the global id.
  bool roots_are_names() const { return comm_.size() == 1 && graph_.order() == VertexOrder::input; }

  void find_local() {
    const bool by_target = graph_.has_by_target();
    const Adjacency& rows = by_target ? graph_.by_target() : graph_.by_source();
    const bool symmetric = by_target && graph_.has_by_source() && &graph_.by_source() == &rows;
    LocalComponents components(graph_, rows, symmetric);
    if (!roots_are_names()) {
      names_ = BigArray<Label>(graph_.locals());
      if (comm_.size() > 1) grouped_ = Bitmap(graph_.locals());
    }
    name(components.sets(), components.giant());
    roots_ = std::move(components.sets()).take();
  }

  // Makes every vertex the child of its root, and finds the smallest global id under each root. Most vertices are in
  // the giant component: what they find is kept apart until the end of a block.
  void name(UnionFind& sets, LocalId giant) {
    parallel::for_ranges(graph_.locals(), kGrain, [&](std::size_t first, std::size_t last) {
      Label in_giant = 0;
      bool others = false;
      for (auto v = static_cast<LocalId>(first); v < last; ++v) {
        const LocalId root = sets.flatten(v);
        if (names_.empty()) continue;
        const auto id = static_cast<Label>(~static_cast<Label>(graph_.global_id(v)));
        if (root == giant) {
          in_giant = std::max(in_giant, id);
          others |= v != root;
        } else {
          raise(root, id);
          if (v != root && grouped_.size() > 0) grouped_.insert_shared(root);
        }
      }
      if (in_giant > 0) raise(giant, in_giant);
      if (others && grouped_.size() > 0) grouped_.insert_shared(giant);
    });
  }

  void raise(LocalId root, Label value) {
    std::atomic_ref<Label> shared(names_[root]);
    Label before = shared.load(std::memory_order_relaxed);
    while (before < value && !shared.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
    }
  }

  Label name_of(LocalId root) const { return static_cast<Label>(~names_[root]); }
  void rename(LocalId root, Label name) { names_[root] = static_cast<Label>(~name); }

  BigArray<Label> label_masters() {
    if (names_.empty()) {
      if constexpr (std::same_as<Label, LocalId>) return std::move(roots_);
    }
    return fill([&](LocalId v) { return names_.empty() ? Label{roots_[v]} : name_of(roots_[v]); });
  }
  // The labels take the place of the roots where they are of the same size.
  template <class LabelOf>
  BigArray<Label> fill(const LabelOf& label_of) {
    BigArray<Label> labels;
    Label* into = nullptr;
    if constexpr (std::same_as<Label, LocalId>) {
      into = roots_.data();
    } else {
      labels = BigArray<Label>(graph_.masters());
      into = labels.data();
    }
    parallel::for_ranges(graph_.masters(), kGrain, [&](std::size_t first, std::size_t last) {
      for (auto v = static_cast<LocalId>(first); v < last; ++v) into[v] = label_of(v);
    });
    if constexpr (std::same_as<Label, LocalId>) {
      labels = std::move(roots_);
      labels.shrink(graph_.masters());
    }
    return labels;
  }

  // -- Between ranks ----------------------------------------------------------------------------------------

  void join_ranks() {
    Bitmap shared(graph_.locals());  // roots of components with copies elsewhere
    BigArray<Label> here(graph_.locals());
    parallel::for_ranges(graph_.ghosts(), kGrain, [&](std::size_t first, std::size_t last) {
      for (std::size_t v = graph_.masters() + first; v < graph_.masters() + last; ++v) {
        here[v] = name_of(roots_[v]);
        shared.insert_shared(roots_[v]);
      }
    });
    JoinedNames<Label> joined(comm_, pair_names(here, shared), options_.gathered_pairs);
    here.free();

    std::vector<LocalId> roots;
    shared.for_each(0, graph_.locals(), [&](std::size_t root) { roots.push_back(static_cast<LocalId>(root)); });
    std::vector<Label> names;
    for (const LocalId root : roots) names.push_back(name_of(root));
    joined.resolve(names);
    for (std::size_t i = 0; i < roots.size(); ++i) rename(roots[i], names[i]);
  }

  // Every copy tells the master the name of its component there: 4 or 8 bytes per copy, once.
  std::vector<NamePair<Label>> pair_names(const BigArray<Label>& here, Bitmap& shared) {
    GhostSync<Label> sync(comm_, graph_.ghost_plan(), Tag::reduce);
    sync.start_reduce_all(Flow::both);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i) sync.send_reduce_all(Flow::both, i, here);
    PairList<Label> pairs;
    sync.finish_reduce_all(Flow::both, [&](LocalId master, Label there) {
      const LocalId root = roots_[master];
      shared.insert(root);
      if (!grouped_.contains(root)) {
        // A vertex alone here goes by the name it has there, which is no larger: nobody else goes by its own.
        grouped_.insert(root);
        rename(root, there);
      } else if (const Label mine = name_of(root); mine != there) {
        pairs.add(mine, there);
      }
    });
    return pairs.take();
  }

  const DistributedGraph& graph_;
  const ComponentsOptions& options_;
  Communicator& comm_;
  BigArray<LocalId> roots_;
  BigArray<Label> names_;  // by root, the complement of the smallest global id: fresh memory holds the largest name
  Bitmap grouped_;         // by root: more than one vertex
};

}  // namespace

template <class Label>
ComponentsResult<Label> find_components(const DistributedGraph& graph, const ComponentsOptions& options) {
  if (!graph.has_by_target() && !graph.has_by_source())
    throw_agreed(UsageError("components need the rows of one direction at least"));
  if (graph.vertices() - 1 > std::numeric_limits<Label>::max())
    throw_agreed(UsageError("components of this graph need labels of 64 bits"));
  return ComponentFinder<Label>(graph, options).run();
}

template ComponentsResult<std::uint32_t> find_components(const DistributedGraph&, const ComponentsOptions&);
template ComponentsResult<std::uint64_t> find_components(const DistributedGraph&, const ComponentsOptions&);

}  // namespace gasket

#include "engine/components.hpp"

#include <unordered_map>

#include "engine/component_names.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/row_blocks.hpp"
#include "engine/step.hpp"
#include "engine/union_find.hpp"
#include "partition/bitmap.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

// Arcs looked at to find the giant component.
constexpr std::size_t kSamples = 1024;
// Rounds of one neighbour each, after the first, that may be spent on making a giant component.
constexpr std::size_t kMoreRounds = 2;
// Of such a round: joins beyond these are mostly between vertices that are joined already.
constexpr std::size_t kJoinsPerTree = 4;
// Rows from here to the one whose begin is fetched.
constexpr LocalId kAhead = 32;
constexpr std::size_t kGrain = std::size_t{1} << 14;

// The sets of one rank's vertices, masters and ghosts, that its own arcs join.
class LocalComponents {
 public:
  LocalComponents(const DistributedGraph& graph, const Adjacency& rows)
      : rows_(rows), unpaired_(find_unpaired(graph, rows)), sets_(graph.locals()) {
    begin();
    find_giant();
    for (std::size_t round = 1; round <= kMoreRounds && arcs_left_ > sets_.size(); ++round) {
      join_neighbour(round);
      find_giant();
    }
    join_the_rest();
    giant_ = graph.locals() > 0 ? sets_.root(giant_) : 0;
  }

  /// A component that holds many arcs, by its root.
  LocalId giant() const { return giant_; }
  UnionFind& sets() { return sets_; }

 private:
  // Arcs with neighbours below this id have their reverse arcs in these rows: all where an undirected graph's arcs lie
  // together, those between masters where each arc lies with its row's master, else none.
  static LocalId find_unpaired(const DistributedGraph& graph, const Adjacency& rows) {
    if (graph.has_by_target() && graph.has_by_source() && &graph.by_source() == &graph.by_target())
      return graph.locals();
    return !graph.directed() && rows.offsets[graph.masters()] == rows.arcs() ? graph.masters() : 0;
  }

  // Every vertex under its first neighbour, which has the smallest local id: no two workers write to the same place.
  // What lies in the worker's own block is flat already, so that trees are not deeper than two for every block.
  void begin() {
    const std::size_t blocks = 8 * static_cast<std::size_t>(parallel::threads());
    const std::size_t grain = std::max(kGrain, sets_.size() / blocks + 1);
    trees_ = parallel::reduce_ranges<std::size_t>(
        sets_.size(), grain, 0, [&](std::size_t first, std::size_t last) { return begin_block(first, last); },
        std::plus<>());
  }

  // Returns how many vertices that have neighbours are roots.
  std::size_t begin_block(std::size_t first, std::size_t last) {
    std::vector<LocalId> tops;
    for (auto v = static_cast<LocalId>(first); v < last; ++v) {
      __builtin_prefetch(first_neighbour(std::min(v + kAhead, sets_.size())));
      LocalId above = v;
      if (rows_.degree(v) > 0) {
        above = std::min(v, *first_neighbour(v));
        if (above == v) tops.push_back(v);
      }
      sets_.begin(v, first <= above && above < v ? sets_.parent(above) : above);
    }
    return tops.size() - lower(tops, first);
  }

  // Vertices without smaller neighbours go under the first neighbour of their first neighbour, where that is smaller: ghosts
  // have the largest ids, and of several ranks every other hub is a ghost. Returns how many found one. In the block a
  // vertex is under a top at most, and tops before this one are where they stay.
  std::size_t lower(const std::vector<LocalId>& tops, std::size_t first) {
    const auto top = [&](std::size_t i) { return tops[std::min(i, tops.size() - 1)]; };
    std::size_t lowered = 0;
    for (std::size_t i = 0; i < tops.size(); ++i) {
      rows_.offsets.fetch(*first_neighbour(top(i + 2 * kAhead)));
      __builtin_prefetch(first_neighbour(*first_neighbour(top(i + kAhead))));
      const LocalId v = tops[i], beside = *first_neighbour(v);
      if (rows_.degree(beside) == 0 || *first_neighbour(beside) >= v) continue;
      LocalId above = *first_neighbour(beside);
      for (int step = 0; step < 2 && above >= first; ++step) above = sets_.parent(above);
      sets_.begin(v, above);
      ++lowered;
    }
    return lowered;
  }

  const LocalId* first_neighbour(LocalId v) const { return rows_.neighbours.data() + rows_.offsets[v]; }

  // Every so many vertices: so many rows less are touched.
  void join_neighbour(std::size_t position) {
    const std::size_t stride = std::max<std::size_t>(1, sets_.size() / (kJoinsPerTree * trees_ + 1));
    parallel::for_ranges(sets_.size(), kGrain * stride, [&](std::size_t first, std::size_t last) {
      for (std::size_t at = first; at < last; at += stride) {
        const auto v = static_cast<LocalId>(at);
        if (rows_.degree(v) > position) sets_.join(v, rows_.row(v)[position]);
      }
    });
  }

  // Samples ends of arcs: it is arcs that the giant component saves.
  void find_giant() {
    if (rows_.arcs() == 0) return;
    std::unordered_map<LocalId, std::size_t> seen;
    std::size_t most = 0;
    for (std::size_t i = 0; i < kSamples; ++i) {
      const LocalId root = sets_.root(rows_.neighbours[mix(i) % rows_.arcs()]);
      if (const std::size_t count = ++seen[root]; count > most) {
        most = count;
        giant_ = root;
      }
    }
    arcs_left_ = rows_.arcs() / kSamples * (kSamples - most);
  }

  // All arcs but those inside the giant component. Its rows are read for neighbours from `unpaired_` on: an arc that
  // has its reverse here is found at its other end too. The giant's root may be hooked meanwhile, so it is looked up
  // for every block.
  void join_the_rest() {
    if (unpaired_ == 0) flatten();
    const std::vector<RowBlock> blocks = cut_into_blocks({&rows_, nullptr}, 0, sets_.size());
    parallel::for_each_index(blocks.size(), [&](std::size_t b) {
      const LocalId giant = sets_.root(giant_);
      for (LocalId v = blocks[b].begin; v < blocks[b].end; ++v) {
        if (sets_.flatten(v) != giant && !join_row(v, giant)) continue;
        if (unpaired_ == sets_.size()) continue;
        const std::span<const LocalId> row = rows_.row(v);
        for (auto u = row.rbegin(); u != row.rend() && *u >= unpaired_; ++u)
          if (sets_.parent(*u) != giant) sets_.join(v, *u);
      }
    });
  }

  // Joins v with its neighbours until it is in the giant component; whether it is.
  bool join_row(LocalId v, LocalId giant) {
    for (const LocalId u : rows_.row(v)) {
      sets_.join(v, u);
      if (u < unpaired_ && sets_.root(v) == giant) return true;
    }
    return false;
  }

  void flatten() {
    parallel::for_ranges(sets_.size(), kGrain, [&](std::size_t first, std::size_t last) {
      for (auto v = static_cast<LocalId>(first); v < last; ++v) sets_.flatten(v);
    });
  }

  const Adjacency& rows_;
  LocalId unpaired_;
  UnionFind sets_;
  LocalId giant_ = 0;
  std::size_t trees_ = 0;    // after the first neighbours, without vertices that have no row
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
    result.record.updates = graph_.vertices();
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
    LocalComponents components(graph_, graph_.has_by_target() ? graph_.by_target() : graph_.by_source());
    if (!roots_are_names()) names_ = BigArray<Label>(graph_.locals());
    name(components.sets(), components.giant());
    roots_ = std::move(components.sets()).take();
  }

  // Makes every vertex the child of its root, and finds the smallest global id under each root but its own. Most
  // vertices are in the giant component: what they find is kept apart until the end of a block.
  void name(UnionFind& sets, LocalId giant) {
    parallel::for_ranges(graph_.locals(), kGrain, [&](std::size_t first, std::size_t last) {
      Label in_giant = 0;
      for (auto v = static_cast<LocalId>(first); v < last; ++v) {
        const LocalId root = sets.flatten(v);
        if (root == v || names_.empty()) continue;
        const Label id = complement(graph_.global_id(v));
        if (root == giant)
          in_giant = std::max(in_giant, id);
        else
          raise(root, id);
      }
      if (in_giant > 0) raise(giant, in_giant);
    });
  }

  static Label complement(GlobalId id) { return static_cast<Label>(~static_cast<Label>(id)); }

  void raise(LocalId root, Label value) {
    std::atomic_ref<Label> shared(names_[root]);
    Label before = shared.load(std::memory_order_relaxed);
    while (before < value && !shared.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
    }
  }

  Label name_of(LocalId root) const { return complement(std::max(names_[root], complement(graph_.global_id(root)))); }
  void rename(LocalId root, Label name) { names_[root] = complement(name); }

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
      if (names_[root] == 0) {
        // A vertex alone here goes by the name it has there, which is no larger: nobody else goes by its own.
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
  // By root, the complement of the smallest global id that others brought; 0, as in fresh memory, where nobody did.
  BigArray<Label> names_;
};

}  // namespace

template <class Label>
ComponentsResult<Label> find_components(const DistributedGraph& graph, const ComponentsOptions& options) {
  if (!graph.has_by_target() && !graph.has_by_source())
    throw_agreed(UsageError("components need the rows of one direction at least"));
  if (graph.vertices() > std::numeric_limits<Label>::max())
    throw_agreed(UsageError("components of this graph need labels of 64 bits"));
  return ComponentFinder<Label>(graph, options).run();
}

template ComponentsResult<std::uint32_t> find_components(const DistributedGraph&, const ComponentsOptions&);
template ComponentsResult<std::uint64_t> find_components(const DistributedGraph&, const ComponentsOptions&);

}  // namespace gasket

#include "partition/io/generate.hpp"

#include "partition/error.hpp"
#include "partition/io/generate/rmat.hpp"
#include "partition/io/generate/shapes.hpp"
#include "partition/io/generate/zipf.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::uint64_t kChunk = std::uint64_t{1} << 18;  // edges
constexpr std::uint64_t kNarrowVertices = std::uint64_t{1} << 32;

// Where the share of `rank` of `total` things begins.
std::uint64_t share_begin(std::uint64_t total, int rank, int ranks) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{total} * static_cast<unsigned>(rank) / static_cast<unsigned>(ranks));
}

class Weights {
 public:
  explicit Weights(const GeneratorSpec& spec) : random_(spec.seed, 3), most_(spec.max_weight) {}
  double operator()(std::uint64_t edge) const { return static_cast<double>(1 + random_below(random_(edge), most_)); }

 private:
  RandomStream random_;
  std::uint64_t most_;
};

class Generator : public EdgeSource {
 public:
  Generator(const GeneratorSpec& spec, Share share) : spec_(spec), share_(share) {}

  std::string describe() const override { return gasket::describe(spec_); }
  bool weighted() const override { return spec_.weights; }
  std::optional<EdgeCount> edge_count() const override { return gasket::edge_count(spec_); }

 protected:
  const GeneratorSpec& spec() const { return spec_; }
  Share share() const { return share_; }

 private:
  GeneratorSpec spec_;
  Share share_;
};

// A kind that computes any range of its edges.
template <class Kind>
class IndexedGenerator final : public Generator {
 public:
  IndexedGenerator(const GeneratorSpec& spec, Share share) : Generator(spec, share), kind_(spec), weights_(spec) {}

  std::optional<bool> directed() const override { return Kind::kDirected; }
  std::optional<std::uint64_t> vertex_count() const override { return kind_.vertices(); }

  void read_edges(const ChunkSink& sink) override {
    const std::uint64_t begin = share_begin(kind_.edges(), share().rank, share().ranks);
    const std::uint64_t end = share_begin(kind_.edges(), share().rank + 1, share().ranks);
    parallel::for_ranges(end - begin, kChunk, [&](std::uint64_t from, std::uint64_t to) {
      EdgeChunk chunk;
      if (kind_.vertices() <= kNarrowVertices) {
        chunk.narrow = BigArray<std::uint32_t>(2 * (to - from));
        kind_.fill(begin + from, chunk.narrow.span());
      } else {
        chunk.wide = BigArray<std::uint64_t>(2 * (to - from));
        kind_.fill(begin + from, chunk.wide.span());
      }
      if (weighted()) {
        chunk.weights = BigArray<double>(to - from);
        for (std::uint64_t i = from; i < to; ++i) chunk.weights[i - from] = weights_(begin + i);
      }
      sink(std::move(chunk));
    });
  }

 private:
  Kind kind_;
  Weights weights_;
};

// Each vertex draws its degree and then its other ends, by a permutation of all vertices but itself: no end comes
// twice.
class PowerlawGenerator final : public Generator {
 public:
  PowerlawGenerator(const GeneratorSpec& spec, Share share)
      : Generator(spec, share),
        most_(spec.max_degree == 0 ? spec.vertices - 1 : spec.max_degree),
        degrees_(spec.alpha, std::max<std::uint64_t>(1, most_)) {}

  std::optional<bool> directed() const override { return true; }
  std::optional<std::uint64_t> vertex_count() const override { return spec().vertices; }

  void read_edges(const ChunkSink& sink) override {
    if (most_ == 0) return;  // a single vertex
    const std::uint64_t begin = share_begin(spec().vertices, share().rank, share().ranks);
    const std::uint64_t end = share_begin(spec().vertices, share().rank + 1, share().ranks);
    parallel::for_ranges(end - begin, kVertices, [&](std::uint64_t from, std::uint64_t to) {
      if (spec().vertices <= kNarrowVertices)
        make_edges<std::uint32_t>(begin + from, begin + to, sink, &EdgeChunk::narrow);
      else
        make_edges<std::uint64_t>(begin + from, begin + to, sink, &EdgeChunk::wide);
    });
  }

 private:
  static constexpr std::uint64_t kVertices = std::uint64_t{1} << 15;  // at a time

  std::uint64_t degree(std::uint64_t vertex) const { return degrees_(RandomStream(spec().seed ^ mix(vertex), 4)); }

  // The edges of vertices from .. to-1; a vertex of high degree may fill several chunks.
  template <class Id>
  void make_edges(std::uint64_t from, std::uint64_t to, const ChunkSink& sink, BigArray<Id> EdgeChunk::*pairs) const {
    std::vector<std::uint64_t> degree_of(to - from);
    std::uint64_t left = 0;  // edges to make
    for (std::uint64_t v = from; v < to; ++v) left += degree_of[v - from] = degree(v);
    EdgeChunk chunk;
    std::size_t filled = 0;
    for (std::uint64_t v = from; v < to; ++v) {
      const Permutation others(spec().vertices - 1, RandomStream(spec().seed ^ mix(v), 5));
      const RandomStream weights(spec().seed ^ mix(v), 6);
      for (std::uint64_t k = 0; k < degree_of[v - from]; ++k) {
        if (filled == chunk.size()) {
          if (filled > 0) sink(std::move(chunk));
          const std::size_t size = std::min(kChunk, left);
          chunk = {};
          chunk.*pairs = BigArray<Id>(2 * size);
          if (weighted()) chunk.weights = BigArray<double>(size);
          left -= size;
          filled = 0;
        }
        const std::uint64_t other = others(k);
        const std::uint64_t end = other + (other >= v ? 1 : 0);
        (chunk.*pairs)[2 * filled] = static_cast<Id>(spec().in_degrees ? end : v);
        (chunk.*pairs)[2 * filled + 1] = static_cast<Id>(spec().in_degrees ? v : end);
        if (weighted()) chunk.weights[filled] = static_cast<double>(1 + random_below(weights(k), spec().max_weight));
        ++filled;
      }
    }
    sink(std::move(chunk));
  }

  std::uint64_t most_;
  generate::Zipf degrees_;
};

}  // namespace

std::unique_ptr<EdgeSource> open_generator(const GeneratorSpec& spec, Share share) {
  validate(spec);
  switch (spec.kind) {
    case GeneratorKind::rmat:
      return std::make_unique<IndexedGenerator<generate::Rmat>>(spec, share);
    case GeneratorKind::uniform:
      return std::make_unique<IndexedGenerator<generate::Uniform>>(spec, share);
    case GeneratorKind::powerlaw:
      return std::make_unique<PowerlawGenerator>(spec, share);
    case GeneratorKind::grid:
      return std::make_unique<IndexedGenerator<generate::Grid>>(spec, share);
    case GeneratorKind::path:
      return std::make_unique<IndexedGenerator<generate::Path>>(spec, share);
    case GeneratorKind::star:
      return std::make_unique<IndexedGenerator<generate::Star>>(spec, share);
    case GeneratorKind::complete:
      return std::make_unique<IndexedGenerator<generate::Complete>>(spec, share);
  }
  throw UsageError("unknown generator");
}

}  // namespace gasket

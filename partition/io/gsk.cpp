#include "partition/io/gsk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

// Where the share of `rank` of `total` things begins.
std::uint64_t share_begin(std::uint64_t total, int rank, int ranks) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{total} * static_cast<unsigned>(rank) / static_cast<unsigned>(ranks));
}

class GskSource final : public EdgeSource {
 public:
  GskSource(const std::string& path, Share share, bool read_weights)
      : file_(path), share_(share), read_weights_(read_weights) {}

  std::string describe() const override { return file_.path(); }
  std::string said() const override {
    return fmt::format(".gsk: {} vertices{}, {} {} edges{}", facts().vertices,
                       facts().named ? " called by strings" : "", file_.edges(),
                       facts().directed ? "directed" : "undirected", facts().weighted ? " with weights" : "");
  }
  bool weighted() const override { return facts().weighted && read_weights_; }
  std::optional<bool> directed() const override { return facts().directed; }
  std::optional<std::uint64_t> vertex_count() const override {
    return facts().dense_ids ? std::optional(facts().vertices) : std::nullopt;
  }
  std::optional<EdgeCount> edge_count() const override { return file_.edges(); }
  SourceSize estimate_size() const override {
    SourceSize size = EdgeSource::estimate_size();
    size.vertices = size.highest_id = static_cast<double>(facts().vertices);
    if (!facts().dense_ids && facts().vertices > 0) {  // ids are kept, whatever the highest is
      ExternalId last = 0;
      file_.read_ids(facts().vertices - 1, {&last, 1}, GskFile::Run::here);
      size.highest_id = std::max(static_cast<double>(last), size.vertices + 2);
    }
    if (facts().named) size.kept_names = static_cast<double>(facts().name_bytes + 8 * facts().vertices);
    return size;
  }
  bool lists_vertices() const override { return !facts().dense_ids; }
  bool stores_names() const override { return facts().named; }

  NameList read_names() override {
    const std::uint64_t begin = share_begin(facts().vertices, share_.rank, share_.ranks);
    const std::uint64_t end = share_begin(facts().vertices, share_.rank + 1, share_.ranks);
    NameList names = file_.read_names(begin, end - begin);
    if (begin > 0 && begin < end && names[0] <= file_.read_names(begin - 1, 1)[0])
      file_.fail_damaged("the names do not ascend");
    return names;
  }

  void read_vertices(const VertexSink& sink) override {
    if (facts().dense_ids) return;
    const std::uint64_t begin = share_begin(facts().vertices, share_.rank, share_.ranks);
    const std::uint64_t end = share_begin(facts().vertices, share_.rank + 1, share_.ranks);
    // Cut where blocks are cut.
    constexpr std::uint64_t kIds = gsk::kBlockBytes / sizeof(ExternalId);
    const std::uint64_t first = begin / kIds;
    parallel::for_each_index((end + kIds - 1) / kIds - first, [&](std::size_t i) {
      const std::uint64_t from = std::max(begin, (first + i) * kIds), to = std::min(end, (first + i + 1) * kIds);
      if (from >= to) return;
      BigArray<ExternalId> ids(to - from);
      file_.read_ids(from, ids.span(), GskFile::Run::here);
      sink(ids.span());
    });
  }

  std::optional<VertexOrder> stores_rows() const override {
    if (share_.ranks > 1 || facts().vertices >= std::numeric_limits<LocalId>::max()) return std::nullopt;
    return facts().by_degree ? VertexOrder::degree : VertexOrder::input;
  }

  StoredRows read_rows() override {
    StoredRows stored;
    stored.order = *stores_rows();
    stored.edges = file_.edges();
    stored.global_ids = read_order();
    if (!facts().dense_ids) stored.ids = read_ids();
    if (facts().named) stored.names = read_names();
    stored.by_source = read_adjacency();
    return stored;
  }

  void read_edges(const ChunkSink& sink) override {
    const Rows rows = read_share_of_rows();
    const BigArray<ExternalId> ids = names_of_rows();
    wide_ids_ = std::ranges::any_of(ids, [](ExternalId id) { return id > 0xffffffffu; });
    const std::uint64_t step = file_.block_arcs(), first = rows.begin / step;
    if (rows.begin == rows.end) return;
    parallel::for_each_index((rows.end + step - 1) / step - first, [&](std::size_t i) {
      const EdgeCount from = std::max(rows.begin, (first + i) * step), to = std::min(rows.end, (first + i + 1) * step);
      sink(file_.index_bytes() == 4 ? read_chunk<std::uint32_t>(rows, from, to, ids.span())
                                    : read_chunk<std::uint64_t>(rows, from, to, ids.span()));
    });
  }

 private:
  const GskFacts& facts() const { return file_.facts(); }

  // The arcs of this rank, and the rows from that of its first arc to that of its last.
  struct Rows {
    EdgeCount begin = 0, end = 0;
    std::uint64_t first = 0;
    BigArray<EdgeCount> offsets;
  };

  // The vertex of each row.
  BigArray<GlobalId> read_order() const {
    BigArray<GlobalId> order(facts().vertices);
    if (!facts().by_degree) {
      parallel::for_ranges(order.size(), kPass, [&](std::size_t begin, std::size_t end) {
        for (std::size_t v = begin; v < end; ++v) order[v] = v;
      });
    } else if (file_.index_bytes() == 8) {
      file_.read_order(0, order.span());
    } else {
      BigArray<std::uint32_t> narrow(order.size());
      file_.read_order(0, narrow.span());
      parallel::for_ranges(order.size(), kPass, [&](std::size_t begin, std::size_t end) {
        std::copy(narrow.begin() + begin, narrow.begin() + end, order.begin() + begin);
      });
    }
    if (facts().by_degree && !is_permutation(order)) file_.fail_damaged("two rows are of the same vertex");
    return order;
  }
  static bool is_permutation(const BigArray<GlobalId>& order) {
    BigArray<std::uint64_t> seen(order.size() / 64 + 1);
    return parallel::reduce_ranges<bool>(
        order.size(), kPass, true,
        [&](std::size_t begin, std::size_t end) {
          bool fresh = true;
          for (std::size_t i = begin; i < end; ++i) {
            const std::uint64_t bit = std::uint64_t{1} << order[i] % 64;
            const std::atomic_ref word(seen[order[i] / 64]);
            fresh &= (word.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
          }
          return fresh;
        },
        std::logical_and<>());
  }

  BigArray<ExternalId> read_ids() const {
    BigArray<ExternalId> ids(facts().vertices);
    file_.read_ids(0, ids.span());
    return ids;
  }

  // What the input called the vertex of each row; empty when that is the row's number.
  BigArray<ExternalId> names_of_rows() const {
    if (!facts().by_degree) return facts().dense_ids ? BigArray<ExternalId>() : read_ids();
    BigArray<GlobalId> order = read_order();
    if (facts().dense_ids) return order;
    const BigArray<ExternalId> ids = read_ids();
    for (GlobalId& vertex : order) vertex = ids[vertex];
    return order;
  }

  Adjacency read_adjacency() const {
    Adjacency rows;
    {
      BigArray<EdgeCount> offsets(facts().vertices + 1);
      file_.read_offsets(0, offsets.span());
      BigArray<std::uint32_t> lengths(offsets.size());
      const EdgeCount longest = parallel::reduce_ranges<EdgeCount>(
          facts().vertices, kPass, 0,
          [&](std::size_t begin, std::size_t end) {
            EdgeCount most = 0;
            for (std::size_t v = begin; v < end; ++v) {
              lengths[v] = static_cast<std::uint32_t>(offsets[v + 1] - offsets[v]);
              most = std::max(most, offsets[v + 1] - offsets[v]);
            }
            return most;
          },
          [](EdgeCount a, EdgeCount b) { return std::max(a, b); });
      if (longest >> 32 != 0) throw ResourceError("a vertex has 2^32 arcs or more on one rank; use more ranks");
      rows.offsets = RowOffsets(std::move(lengths));
    }
    rows.neighbours = BigArray<LocalId>(facts().arcs);
    file_.read_columns(0, rows.neighbours.span());
    check_rows(rows);
    if (weighted()) {
      BigArray<double> weights(facts().arcs);
      file_.read_weights(0, weights.span());
      rows.weights = ArcWeights(std::move(weights));
    }
    return rows;
  }
  // What checksums cannot tell: that rows ascend, that the edges are as many as the header says and, of an undirected
  // graph, that every arc has its reverse. For that all arcs are hashed by their ends in order, and those that lead up
  // and those that lead down must come to the same sum.
  void check_rows(const Adjacency& rows) const {
    struct Seen {
      bool ascend = true;
      EdgeCount edges = 0;
      std::uint64_t balance = 0;
    };
    const bool directed = facts().directed;
    const Seen seen = parallel::reduce_ranges<Seen>(
        rows.rows(), std::size_t{1} << 12, {},
        [&](std::size_t begin, std::size_t end) {
          Seen here;
          for (std::size_t v = begin; v < end; ++v) {
            const std::span<const LocalId> row = rows.row(static_cast<LocalId>(v));
            bool ascend = true;
            for (std::size_t i = 1; i < row.size(); ++i) ascend &= row[i - 1] <= row[i];
            here.ascend &= ascend;
            if (directed) continue;
            for (const LocalId u : row) {
              here.edges += u >= v ? 1 : 0;
              const std::uint64_t hash = hash_of_ends(std::min<std::uint64_t>(u, v), std::max<std::uint64_t>(u, v));
              here.balance += u > v ? hash : u < v ? -hash : 0;
            }
          }
          return here;
        },
        [](const Seen& a, const Seen& b) {
          return Seen{a.ascend && b.ascend, a.edges + b.edges, a.balance + b.balance};
        });
    if (!seen.ascend) file_.fail_damaged("the arcs of a row do not ascend");
    if (directed) return;
    if (seen.edges != file_.edges())
      file_.fail_damaged(fmt::format("the header counts {} edges, the rows have {}", file_.edges(), seen.edges));
    if (seen.balance != 0) file_.fail_damaged("an arc of the undirected graph has no reverse");
  }
  static std::uint64_t hash_of_ends(std::uint64_t low, std::uint64_t high) {
    const std::uint64_t mixed = (low << 32 | high) * 0x9e3779b97f4a7c15u;
    return (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93u;
  }

  // Ranks meet in a row, and the first and last rank take empty rows at the ends: all offsets are read by someone.
  Rows read_share_of_rows() const {
    Rows rows;
    rows.begin = share_begin(facts().arcs, share_.rank, share_.ranks);
    rows.end = share_begin(facts().arcs, share_.rank + 1, share_.ranks);
    const bool has_first = share_.rank == 0, has_last = share_.rank == share_.ranks - 1;
    if (facts().arcs == 0 && !has_first) return rows;
    rows.first = has_first ? 0 : file_.row_of(rows.begin);
    const std::uint64_t behind = has_last || facts().arcs == 0 ? facts().vertices : file_.row_of(rows.end) + 1;
    if (behind < rows.first) fail_offsets();
    rows.offsets = BigArray<EdgeCount>(behind - rows.first + 1);
    file_.read_offsets(rows.first, rows.offsets.span());
    if (rows.offsets[0] > rows.begin || rows.offsets.back() < rows.end) fail_offsets();
    return rows;
  }

  [[noreturn]] void fail_offsets() const {
    throw InputError(
        fmt::format("{}: damaged: the row offsets do not ascend from 0 to the number of arcs", file_.path()));
  }

  template <class Column>
  EdgeChunk read_chunk(const Rows& rows, EdgeCount from, EdgeCount to, std::span<const ExternalId> ids) const {
    BigArray<Column> columns(to - from);
    file_.read_columns(from, columns.span(), GskFile::Run::here);
    BigArray<double> weights(weighted() ? to - from : 0);
    if (weighted()) file_.read_weights(from, weights.span(), GskFile::Run::here);

    const bool narrow = facts().dense_ids ? sizeof(Column) == 4 : !wide_ids_;
    EdgeChunk chunk;
    std::size_t kept = 0;
    if (narrow) {
      chunk.narrow = BigArray<std::uint32_t>(2 * (to - from));
      kept = fill(rows, from, to, ids, columns, weights, chunk.narrow);
      chunk.narrow.shrink(2 * kept);
    } else {
      chunk.wide = BigArray<std::uint64_t>(2 * (to - from));
      kept = fill(rows, from, to, ids, columns, weights, chunk.wide);
      chunk.wide.shrink(2 * kept);
    }
    if (weighted()) weights.shrink(kept);
    chunk.weights = std::move(weights);
    return chunk;
  }

  // Writes the pairs of arcs from .. to-1; of an undirected graph those that do not lead to a smaller vertex, and moves
  // their weights together. Returns how many.
  template <class Column, class Id>
  std::size_t fill(const Rows& rows, EdgeCount from, EdgeCount to, std::span<const ExternalId> ids,
                   const BigArray<Column>& columns, BigArray<double>& weights, BigArray<Id>& pairs) const {
    const auto name = [&](std::uint64_t v) { return static_cast<Id>(ids.empty() ? v : ids[v]); };
    const EdgeCount* const offsets = rows.offsets.data();
    std::size_t row =
        static_cast<std::size_t>(std::upper_bound(offsets, offsets + rows.offsets.size(), from) - offsets) - 1;
    std::size_t kept = 0;
    for (EdgeCount arc = from; arc < to; ++row) {
      const EdgeCount end = std::min(to, offsets[row + 1]);
      const std::uint64_t source = rows.first + row;
      const Id source_name = name(source);
      for (; arc < end; ++arc) {
        const Column target = columns[arc - from];
        pairs[2 * kept] = source_name;
        pairs[2 * kept + 1] = name(target);
        if (!weights.empty()) weights[kept] = weights[arc - from];
        kept += facts().directed || source <= target ? 1 : 0;
      }
    }
    return kept;
  }

  static constexpr std::size_t kPass = std::size_t{1} << 16;

  GskFile file_;
  Share share_;
  bool read_weights_;
  bool wide_ids_ = false;
};

}  // namespace

std::unique_ptr<EdgeSource> open_gsk(const std::string& path, Share share, bool read_weights) {
  return std::make_unique<GskSource>(path, share, read_weights);
}

bool names_by_strings(const std::string& path) {
  if (!looks_like_gsk(path)) return false;
  try {
    return GskFile(path).facts().named;
  } catch (const Error&) {  // for whoever opens it to say
    return false;
  }
}

bool looks_like_gsk(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;  // opening a pipe would wait for a writer
  std::ifstream file(path, std::ios::binary);
  std::string start(gsk::kMagic.size(), '\0');
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == gsk::kMagic;
}

}  // namespace gasket

#include "partition/io/binary/pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "partition/error.hpp"
#include "partition/io/text/input_file.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::uint64_t kChunk = std::uint64_t{1} << 18;  // edges

class PairSource final : public EdgeSource {
 public:
  PairSource(const std::string& path, Share share, PairFormat format, bool read_weights)
      : file_(path, "binary edges"), share_(share), format_(format), read_weights_(read_weights) {
    if (file_.size() == 0) throw InputError(fmt::format("{}: is empty, expected binary edges", path));
    if (file_.size() % format_.edge_bytes() != 0)
      throw InputError(
          fmt::format("{}: has {} bytes, expected a multiple of {}, the size of an edge; is it truncated, "
                      "or of another format?",
                      path, file_.size(), format_.edge_bytes()));
  }

  std::string describe() const override { return file_.path(); }
  std::string said() const override {
    return fmt::format("binary edges, ids of {} bits{}: {} edges", 8 * format_.id_bytes,
                       format_.weight_bytes > 0 ? " and weights" : "", edges());
  }
  bool weighted() const override { return format_.weight_bytes > 0 && read_weights_; }
  std::optional<EdgeCount> edge_count() const override { return edges(); }

  SourceSize estimate_size() const override {
    constexpr std::uint64_t kSample = 4096;
    SourceSize size{.edges = static_cast<double>(edges()), .vertices = static_cast<double>(edges()) / 8};
    const std::uint64_t count = std::min<std::uint64_t>(edges(), kSample);
    for (const std::uint64_t part : {0, 1, 2}) {
      const std::uint64_t from = (edges() - count) / 2 * part;
      const EdgeChunk chunk = format_.id_bytes == 4 ? read_chunk<std::uint32_t, float>(from, from + count)
                                                    : read_chunk<std::uint64_t, double>(from, from + count);
      chunk.for_each([&](std::uint64_t source, std::uint64_t target, std::size_t) {
        size.highest_id = std::max(size.highest_id, static_cast<double>(std::max(source, target)));
      });
    }
    if (size.highest_id < 2 * size.edges) size.vertices = std::max(size.vertices, size.highest_id + 1);
    return size;
  }

  void read_edges(const ChunkSink& sink) override {
    const auto ranks = static_cast<std::uint64_t>(share_.ranks), rank = static_cast<std::uint64_t>(share_.rank);
    const auto cut = [&](std::uint64_t i) { return edges() / ranks * i + edges() % ranks * i / ranks; };
    const std::uint64_t begin = cut(rank), end = cut(rank + 1);
    parallel::for_ranges(end - begin, kChunk, [&](std::uint64_t from, std::uint64_t to) {
      sink(format_.id_bytes == 4 ? read_chunk<std::uint32_t, float>(begin + from, begin + to)
                                 : read_chunk<std::uint64_t, double>(begin + from, begin + to));
    });
  }

 private:
  EdgeCount edges() const { return file_.size() / format_.edge_bytes(); }

  template <class Id, class Weight>
  EdgeChunk read_chunk(std::uint64_t from, std::uint64_t to) const {
    const std::size_t count = to - from, width = format_.edge_bytes();
    BigArray<Id> pairs(2 * count);
    EdgeChunk chunk;
    if (format_.weight_bytes == 0) {
      file_.read_at(from * width, {reinterpret_cast<char*>(pairs.data()), pairs.size_bytes()});
    } else {
      BigArray<char> bytes(count * width);
      file_.read_at(from * width, bytes.span());
      if (weighted()) chunk.weights = BigArray<double>(count);
      for (std::size_t i = 0; i < count; ++i) {
        const char* const edge = bytes.data() + i * width;
        std::memcpy(&pairs[2 * i], edge, 2 * sizeof(Id));
        if (!weighted()) continue;
        Weight weight;
        std::memcpy(&weight, edge + 2 * sizeof(Id), sizeof weight);
        if (!std::isfinite(weight))
          throw InputError(fmt::format("{}: edge {}, at byte {}, has a weight that is no finite number", file_.path(),
                                       from + i, (from + i) * width));
        chunk.weights[i] = static_cast<double>(weight);
      }
    }
    if constexpr (sizeof(Id) == 4) {
      chunk.narrow = std::move(pairs);
    } else if (std::ranges::all_of(pairs, [](Id id) { return id <= std::numeric_limits<std::uint32_t>::max(); })) {
      chunk.narrow = BigArray<std::uint32_t>(pairs.size());
      std::ranges::transform(pairs, chunk.narrow.begin(), [](Id id) { return static_cast<std::uint32_t>(id); });
    } else {
      chunk.wide = std::move(pairs);
    }
    return chunk;
  }

  text::InputFile file_;
  Share share_;
  PairFormat format_;
  bool read_weights_;
};

}  // namespace

std::unique_ptr<EdgeSource> open_pairs(const std::string& path, Share share, PairFormat format, bool read_weights) {
  return std::make_unique<PairSource>(path, share, format, read_weights);
}

}  // namespace gasket

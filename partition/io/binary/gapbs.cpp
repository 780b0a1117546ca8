#include "partition/io/binary/gapbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "partition/error.hpp"
#include "partition/hash.hpp"
#include "partition/io/text/input_file.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::uint64_t kHeaderBytes = 17;
constexpr std::uint64_t kChunk = std::uint64_t{1} << 18;  // arcs

class GapbsSource final : public EdgeSource {
 public:
  GapbsSource(const std::string& path, Share share, bool has_weights, bool read_weights)
      : file_(path, "a serialized graph"), share_(share), has_weights_(has_weights), read_weights_(read_weights) {
    char header[kHeaderBytes];
    if (file_.read_at(0, header) < kHeaderBytes)
      fail(fmt::format("is not a {} file: has {} bytes, the header alone has {}", kind(), file_.size(), kHeaderBytes));
    std::int64_t arcs = 0, vertices = 0;
    std::memcpy(&arcs, header + 1, sizeof arcs);
    std::memcpy(&vertices, header + 9, sizeof vertices);
    if ((header[0] != 0 && header[0] != 1) || arcs < 0 || vertices < 0 || vertices > INT32_MAX ||
        arcs > std::int64_t{1} << 56)
      fail(fmt::format("is not a {} file: its header makes no sense", kind()));
    directed_ = header[0] == 1;
    arcs_ = static_cast<std::uint64_t>(arcs);
    vertices_ = static_cast<std::uint64_t>(vertices);
    const std::uint64_t expected = kHeaderBytes + (directed_ ? 2 : 1) * (8 * (vertices_ + 1) + arc_bytes() * arcs_);
    if (file_.size() != expected)
      fail(fmt::format("{}: its {} vertices and {} arcs need {} bytes as {}, the file has {}",
                       file_.size() < expected ? "truncated" : "damaged", vertices_, arcs_, expected, kind(),
                       file_.size()));
  }

  std::string describe() const override { return file_.path(); }
  std::string said() const override {
    return fmt::format("{}: {} vertices, {} arcs{}; {}", kind(), vertices_, arcs_, has_weights_ ? " with weights" : "",
                       directed_ ? "directed" : "undirected, each edge is two arcs");
  }
  bool weighted() const override { return has_weights_ && read_weights_; }
  std::optional<bool> directed() const override { return directed_; }
  std::optional<std::uint64_t> vertex_count() const override { return vertices_; }
  std::optional<EdgeCount> edge_count() const override { return directed_ ? arcs_ : (arcs_ + 1) / 2; }

  void read_edges(const ChunkSink& sink) override {
    const auto ranks = static_cast<std::uint64_t>(share_.ranks), rank = static_cast<std::uint64_t>(share_.rank);
    const auto cut = [&](std::uint64_t i) { return arcs_ / ranks * i + arcs_ % ranks * i / ranks; };
    const std::uint64_t begin = cut(rank), end = cut(rank + 1);
    read_offsets();
    parallel::for_ranges(end - begin, kChunk, [&](std::uint64_t from, std::uint64_t to) {
      EdgeChunk chunk = read_chunk(begin + from, begin + to);
      if (chunk.size() > 0) sink(std::move(chunk));
    });
    offsets_.free();
  }

  void check_read(Communicator& comm) override {
    if (comm.sum<std::uint64_t>(balance_) != 0)
      throw_agreed(InputError(fmt::format("{}: damaged: an arc of the undirected graph has no reverse", describe())));
  }

 private:
  const char* kind() const { return has_weights_ ? ".wsg" : ".sg"; }
  std::uint64_t arc_bytes() const { return has_weights_ ? 8 : 4; }
  [[noreturn]] void fail(const std::string& what) const { throw InputError(fmt::format("{}: {}", file_.path(), what)); }

  void read_offsets() {
    offsets_ = BigArray<std::uint64_t>(vertices_ + 1);
    file_.read_at(kHeaderBytes, {reinterpret_cast<char*>(offsets_.data()), offsets_.size_bytes()});
    bool rises = offsets_[0] == 0 && offsets_.back() == arcs_;
    for (std::size_t v = 0; v < vertices_; ++v) rises &= offsets_[v] <= offsets_[v + 1];
    if (!rises) fail("damaged: the row offsets do not ascend from 0 to the number of arcs");
  }

  EdgeChunk read_chunk(std::uint64_t from, std::uint64_t to) {
    BigArray<std::int32_t> raw((to - from) * arc_bytes() / 4);
    file_.read_at(kHeaderBytes + 8 * (vertices_ + 1) + from * arc_bytes(),
                  {reinterpret_cast<char*>(raw.data()), raw.size_bytes()});
    EdgeChunk chunk;
    chunk.narrow = BigArray<std::uint32_t>(2 * (to - from));
    if (weighted()) chunk.weights = BigArray<double>(to - from);
    std::size_t row =
        static_cast<std::size_t>(std::upper_bound(offsets_.begin(), offsets_.end(), from) - offsets_.begin()) - 1;
    std::size_t kept = 0;
    std::uint64_t balance = 0;
    for (std::uint64_t arc = from; arc < to; ++arc) {
      while (offsets_[row + 1] <= arc) ++row;
      const std::int32_t target = raw[(arc - from) * arc_bytes() / 4];
      if (target < 0 || static_cast<std::uint64_t>(target) >= vertices_)
        fail(fmt::format("damaged: arc {}, of vertex {}, leads to {}; the vertices are 0 to {}", arc, row, target,
                         vertices_ - 1));
      const auto other = static_cast<std::uint32_t>(target);
      const std::int32_t weight = has_weights_ ? raw[2 * (arc - from) + 1] : 0;
      if (!directed_) {
        const std::uint64_t low = std::min<std::uint64_t>(row, other), high = std::max<std::uint64_t>(row, other);
        const std::uint64_t hash = mix(mix(low << 32 | high) + static_cast<std::uint32_t>(weight));
        balance += other > row ? hash : other < row ? -hash : 0;
        if (other < row) continue;
      }
      chunk.narrow[2 * kept] = static_cast<std::uint32_t>(row);
      chunk.narrow[2 * kept + 1] = other;
      if (weighted()) chunk.weights[kept] = weight;
      ++kept;
    }
    balance_ += balance;
    chunk.narrow.shrink(2 * kept);
    chunk.weights.shrink(kept);
    return chunk;
  }

  text::InputFile file_;
  Share share_;
  bool has_weights_, read_weights_;
  bool directed_ = true;
  std::uint64_t arcs_ = 0, vertices_ = 0;
  BigArray<std::uint64_t> offsets_;
  std::atomic<std::uint64_t> balance_ = 0;  // as of METIS files: 0 over all ranks when every arc has its reverse
};

}  // namespace

std::unique_ptr<EdgeSource> open_gapbs(const std::string& path, Share share, bool has_weights, bool read_weights) {
  return std::make_unique<GapbsSource>(path, share, has_weights, read_weights);
}

}  // namespace gasket

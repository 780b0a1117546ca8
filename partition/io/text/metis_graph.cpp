#include "partition/io/text/metis_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/text/adjacency_parser.hpp"
#include "partition/io/text/block_reader.hpp"

namespace gasket::text {
namespace {

struct MetisHeader {
  MetisLines lines;
  std::uint64_t edges = 0;
  std::uint64_t line = 0;
};

MetisHeader read_header(HeadReader& head) {
  std::string_view line;
  do {
    if (!head.next(line)) head.fail("expected a header, 'VERTICES EDGES [FMT [NCON]]', found the end of the file");
  } while (line.starts_with('%'));
  std::string_view rest = line;
  std::vector<std::string_view> words;
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) words.push_back(word);
  const auto refuse = [&] { head.fail(fmt::format("expected 'VERTICES EDGES [FMT [NCON]]', found {}", shown(line))); };
  const auto number = [&](std::size_t i) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(words[i].data(), words[i].data() + words[i].size(), value);
    if (error != std::errc() || end != words[i].data() + words[i].size()) refuse();
    return value;
  };
  if (words.size() < 2 || words.size() > 4) refuse();
  MetisHeader header;
  header.lines.vertices = number(0);
  header.edges = number(1);
  header.line = head.line_number();
  if (header.lines.vertices >= std::uint64_t{1} << 48)
    head.fail(fmt::format("announces {} vertices, more than 2^48", header.lines.vertices));
  if (words.size() == 2) return header;
  const std::string_view format = words[2];
  if (format.size() > 3 || format.find_first_not_of("01") != std::string_view::npos)
    head.fail(
        fmt::format("expected FMT of up to three digits 0 or 1 (sizes, weights of vertices, weights of edges), "
                    "found {}",
                    shown(format)));
  const auto flag = [&](std::size_t from_end) {
    return format.size() >= from_end && format[format.size() - from_end] == '1';
  };
  header.lines.weights = flag(1);
  std::uint64_t constraints = flag(2) ? 1 : 0;
  if (words.size() == 4) {
    const std::uint64_t given = number(3);
    if (given > 1000 || (given > 0) != flag(2))
      head.fail(fmt::format("expected as NCON the number of weights per vertex, {}, found {}",
                            flag(2) ? "1 or more" : "0 for FMT says that there are none", given));
    constraints = given;
  }
  header.lines.skipped = constraints + (flag(3) ? 1 : 0);
  return header;
}

class MetisSource final : public EdgeSource {
 public:
  MetisSource(Reading reading, TextFile file, const MetisHeader& header, bool read_weights)
      : reading_(std::move(reading)), file_(std::move(file)), header_(header), read_weights_(read_weights) {
    header_.lines.refuse_negative = reading_.refuse_negative;
    header_.lines.but_self_loops = reading_.but_self_loops;
    numbering_.count = &count_metis_vertices;
  }

  std::string describe() const override { return reading_.name; }
  std::string said() const override {
    return fmt::format("METIS: {} vertices, {} edges{}, ids from 1; undirected, each edge on the lines of both ends",
                       header_.lines.vertices, header_.edges, header_.lines.weights ? " with weights" : "");
  }
  bool weighted() const override { return read_weights_ && header_.lines.weights; }
  std::optional<bool> directed() const override { return false; }
  std::optional<std::uint64_t> vertex_count() const override { return header_.lines.vertices; }
  ExternalId first_id() const override { return 1; }
  std::optional<EdgeCount> edge_count() const override { return header_.edges; }

  void prepare(Communicator& comm) override {
    std::vector<std::uint64_t> counts;
    if (file_.compression == Compression::none)
      comm.agree([&] { counts = count_plain(file_, reading_.share, reading_.block_bytes, numbering_); });
    const std::uint64_t mine = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    std::uint64_t before = comm.exclusive_sum(mine);
    lines_ = comm.sum(mine);
    for (std::uint64_t& count : counts) count = std::exchange(before, before + count);
    numbering_.before = std::move(counts);
  }

  void read_edges(const ChunkSink& sink) override {
    read_blocks(
        file_, reading_.share, reading_.block_bytes,
        [&](const Block& block) {
          MetisBlock read = parse_metis(block, header_.lines);
          listed_ += read.listed;
          loops_ += read.loops;
          balance_ += read.balance;
          if (file_.compression != Compression::none) raise(last_line_, block.before + count_metis_vertices(block));
          if (!read_weights_) read.edges.weights.free();
          if (read.edges.size() > 0) sink(std::move(read.edges));
        },
        &numbering_);
  }

  void check_read(Communicator& comm) override {
    struct Totals {
      std::uint64_t listed, loops, balance, last_line;
    };
    const Totals all = comm.all_reduce(Totals{listed_, loops_, balance_, last_line_}, [](Totals a, const Totals& b) {
      return Totals{a.listed + b.listed, a.loops + b.loops, a.balance + b.balance, std::max(a.last_line, b.last_line)};
    });
    const std::uint64_t lines = file_.compression == Compression::none ? lines_ : all.last_line;
    const auto fail = [&](const std::string& message) {
      throw_agreed(InputError(fmt::format("{}:{}: {}", file_.file.path(), header_.line, message)));
    };
    if (lines < header_.lines.vertices)
      fail(fmt::format("announces {} vertices, the file has lines for {}", header_.lines.vertices, lines));
    if (all.listed + all.loops != 2 * header_.edges)
      fail(fmt::format("announces {} edges, each on the lines of both its ends, and so {} neighbours; the file has {}",
                       header_.edges, 2 * header_.edges, all.listed + all.loops));
    if (all.balance != 0)
      fail(fmt::format("the file has an edge on the line of one of its ends only{}",
                       header_.lines.weights ? ", or with two different weights" : ""));
  }

 private:
  static void raise(std::atomic<std::uint64_t>& highest, std::uint64_t value) {
    for (std::uint64_t seen = highest; seen < value && !highest.compare_exchange_weak(seen, value);) continue;
  }

  Reading reading_;
  TextFile file_;
  MetisHeader header_;
  bool read_weights_;
  Numbering numbering_;
  std::uint64_t lines_ = 0;                   // of vertices in a plain file
  std::atomic<std::uint64_t> last_line_ = 0;  // the same of the blocks of this rank, of a compressed one
  std::atomic<std::uint64_t> listed_ = 0, loops_ = 0, balance_ = 0;
};

}  // namespace

std::unique_ptr<EdgeSource> open_metis(const std::string& path, Reading reading, bool read_weights) {
  MetisHeader header;
  TextFile file =
      open_text_file_with_head(path, "a METIS graph", [&](HeadReader& head) { header = read_header(head); });
  file.longest_line = kLongestAdjacency;
  return std::make_unique<MetisSource>(std::move(reading), std::move(file), header, read_weights);
}

}  // namespace gasket::text

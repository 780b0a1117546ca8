// How fast text becomes edges: millions of edges per second, and the same in bytes.
//
//   bench_parse [EDGES [REPETITIONS [FOLDER]]]
//
// The text is uniform random pairs of ids below 10 million, about 15.8 bytes an edge; with weights about 20.3. The
// first rows parse blocks in memory on one thread, every check and the memory of the result included, beside a loop
// over std::from_chars that writes the same result; the last rows read a file (in the page cache) through open_text.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "partition/hash.hpp"
#include "partition/io/text/block_parser.hpp"
#include "partition/io/text_source.hpp"
#include "partition/parallel.hpp"

namespace {

using namespace gasket;

constexpr std::size_t kBlock = std::size_t{4} << 20;

struct Text {
  std::string bytes;
  std::vector<text::Block> blocks;
};

Text generate(std::size_t edges, std::uint64_t ids, bool weighted, std::uint64_t base = 0) {
  Text text;
  text.bytes.reserve(edges * 44);
  for (std::size_t i = 0; i < edges; ++i) {
    const std::uint64_t source = base + mix(2 * i) % ids;
    const std::uint64_t target = base + mix(2 * i + 1) % ids;
    if (weighted)
      fmt::format_to(std::back_inserter(text.bytes), "{} {} {}.{:02}\n", source, target, source % 10, target % 100);
    else
      fmt::format_to(std::back_inserter(text.bytes), "{}\t{}\n", source, target);
  }
  const std::size_t size = text.bytes.size();
  text.bytes.append(text::kBlockPadding, '\0');
  const char* at = text.bytes.data();
  const char* const end = at + size;
  while (at != end) {
    const char* stop = end - at > static_cast<std::ptrdiff_t>(kBlock) ? at + kBlock : end;
    while (stop[-1] != '\n') --stop;
    text.blocks.push_back({at, stop});
    at = stop;
  }
  return text;
}

EdgeChunk parse_with_from_chars(const text::Block& block) {
  EdgeChunk chunk;
  chunk.narrow = BigArray<std::uint32_t>(2 * text::count_lines(block.begin, block.end));
  std::uint32_t* out = chunk.narrow.data();
  for (const char* at = block.begin; at != block.end;) {
    at = std::from_chars(at, block.end, *out++).ptr + 1;
    at = std::from_chars(at, block.end, *out++).ptr + 1;
  }
  return chunk;
}

struct Bench {
  std::size_t edges;
  int repetitions;

  void row(const std::string& name, double bytes, int threads, const std::function<EdgeCount()>& read) const {
    std::vector<double> seconds;
    for (int i = 0; i < repetitions; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      if (read() != edges) {
        fmt::print(stderr, "{}: edges were lost\n", name);
        std::exit(1);
      }
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(seconds.begin(), seconds.end());
    const double best = static_cast<double>(edges) / seconds.front() / 1e6;
    const double median = static_cast<double>(edges) / seconds[seconds.size() / 2] / 1e6;
    fmt::print("{:<44} {:>7} {:>9.1f} {:>9.1f} {:>9.1f} {:>8.2f}\n", name, threads, best, median, best / threads,
               bytes / seconds.front() / 1e9);
    std::fflush(stdout);
  }

  void parse(const std::string& name, const Text& text,
             const std::function<EdgeChunk(const text::Block&)>& parser) const {
    row(name, static_cast<double>(text.bytes.size()), 1, [&] {
      EdgeCount count = 0;
      for (const text::Block& block : text.blocks) count += parser(block).size();
      return count;
    });
  }

  void read_file(const std::string& path, const std::string& name, bool weighted) const {
    const auto bytes = static_cast<double>(std::filesystem::file_size(path));
    for (const int threads : {1, 2}) {
      parallel::set_threads(threads);
      row(name, bytes, threads, [&] {
        std::atomic<EdgeCount> count = 0;
        open_text({.path = path, .read_weights = weighted}, {})->read_edges([&](EdgeChunk&& chunk) {
          count += chunk.size();
        });
        return count.load();
      });
    }
    parallel::set_threads(1);
  }
};

void write(const std::string& path, const Text& text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.bytes.data(), static_cast<std::streamsize>(text.bytes.size() - text::kBlockPadding));
}

}  // namespace

int main(int argc, char** argv) {
  const auto edges = static_cast<std::size_t>(argc > 1 ? std::atof(argv[1]) : 4e6);
  const Bench bench{edges, argc > 2 ? std::atoi(argv[2]) : 9};
  const std::string path = fmt::format("{}/bench_parse.{}.txt", argc > 3 ? argv[3] : "/tmp", getpid());
  fmt::print("{} edges, {} repetitions\n", edges, bench.repetitions);
  fmt::print("{:<44} {:>7} {:>9} {:>9} {:>9} {:>8}\n", "M edges/s", "threads", "best", "median", "per core", "GB/s");
  const auto edges_only = [](const text::Block& block) { return text::parse_edges(block, false); };
  const auto with_weights = [](const text::Block& block) { return text::parse_edges(block, true); };
  {
    const Text text = generate(edges, 10'000'000, false);
    bench.parse("std::from_chars, no checks", text, parse_with_from_chars);
    bench.parse("parse_edges", text, edges_only);
    write(path, text);
    bench.read_file(path, "open_text, whole file", false);
  }
  {
    const Text text = generate(edges, 10'000'000, true);
    bench.parse("parse_edges, a weight ignored", text, edges_only);
    bench.parse("parse_edges, weighted", text, with_weights);
    write(path, text);
    bench.read_file(path, "open_text, whole file, weighted", true);
  }
  bench.parse("parse_edges, ids of 10 digits", generate(edges, 3'000'000'000, false, 1'000'000'000), edges_only);
  bench.parse("parse_edges, ids of 19 digits",
              generate(edges, 1'000'000'000'000'000'000, false, 1'000'000'000'000'000'000), edges_only);
  std::filesystem::remove(path);
}

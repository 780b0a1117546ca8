#pragma once
// Where random walks begin anew: of every vertex the probability that a walk which does not go on over an edge goes on
// there. By default all are equal; here are those of which a user says otherwise (personalised PageRank; Haveliwala:
// Topic-sensitive PageRank, 2002).

#include <span>
#include <string>

#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct RestartVector {
  BigArray<double> shares;  // of the masters, by local id; over all ranks they sum to 1
  std::uint64_t named = 0;  // vertices that were named
};

/// Reads lines `id [weight]`, separated by blanks or a comma, weight 1 where there is none; plain, gzip or zstd, on rank
/// 0. Blank lines and lines that begin with '#', '%' or '//' are skipped. Shares are in proportion to the weights, 0 for
/// vertices not named. Collective. Throws InputError (agreed): with file and line for what is no such line, a negative
/// weight, an id that the graph has not or that is named again; for a file that names nobody or only weights of 0.
/// O(masters log masters + lines log masters); 12 bytes per master.
RestartVector read_restart(const DistributedGraph& graph, const std::string& path);

/// Equal shares for these vertices, the same list on every rank, without repetition.
RestartVector restart_at(const DistributedGraph& graph, std::span<const GlobalId> vertices);

}  // namespace gasket

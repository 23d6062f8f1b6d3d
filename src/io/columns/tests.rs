use super::*;
use crate::io::table::csv_reader;

struct Text {
    names: Vec<String>,
    rows: Vec<csv::ByteRecord>,
}

fn text(text: &str) -> Text {
    let mut rows = csv_reader(text.as_bytes(), b',')
        .into_byte_records()
        .flatten();
    let names = rows.next().unwrap();
    let names = names
        .iter()
        .map(|n| String::from_utf8(n.to_vec()).unwrap())
        .collect();
    Text {
        names,
        rows: rows.collect(),
    }
}

fn ids(table: &str) -> Ids {
    let text = text(table);
    Look::new(&text.names, &text.rows).ids()
}

/// `i` for ids, `v` for values, `-` for what is set aside.
fn roles(table: &str) -> String {
    let text = text(table);
    let look = Look::new(&text.names, &text.rows);
    let Ids::Column(id) = look.ids() else {
        return "?".into();
    };
    let letter = |role: &Role| match role {
        Role::Id => 'i',
        Role::Value => 'v',
        Role::Aside => '-',
    };
    look.roles(id).roles.iter().map(letter).collect()
}

#[test]
fn ids_are_found_by_content() {
    let cases = [
        ("sample,a,b\ns1,1,2\ns2,3,4\n", "ivv"),
        // Row numbers of R and pandas.
        (",sample,a\n1,s1,0.5\n2,s2,0.7\n", "-iv"),
        ("Unnamed: 0,cell_id,a\n0,s1,0.5\n1,s2,0.7\n", "-iv"),
        ("X,barcode,a\n1,77,0.5\n2,93,0.7\n", "-iv"),
        // Nothing else names the rows.
        (",a,b\n1,0.5,1\n2,0.7,2\n", "ivv"),
        ("patient,sex,a\n101,m,1\n102,f,2\n103,m,3\n", "i-v"),
        // Genes with two ids.
        (
            "Hugo_Symbol,Entrez_Gene_Id,S1\nTP53,7157,1\nESR1,2099,2\n",
            "i-v",
        ),
        (
            "Entrez_Gene_Id,Hugo_Symbol,S1\n7157,TP53,1\n2099,ESR1,2\n",
            "-iv",
        ),
        ("Name,Description,S1\nENSG1,TP53,1\nENSG2,ESR1,2\n", "i-v"),
        ("symbol,ensembl,S1\nA,ENSG1,1\nA,ENSG2,2\n", "-iv"),
        // Something before the ids.
        ("cell_type,barcode,a\nT,AAAC,1\nT,AAAG,2\n", "-iv"),
        ("label,sample,a\n1,s1,0.5\n1,s2,0.6\n2,s3,0.7\n", "-iv"),
        ("a,b,sample\n0.5,1,s1\n0.7,2,s2\n", "vvi"),
    ];
    for (table, expected) in cases {
        assert_eq!(roles(table), expected, "{table}");
    }
    // Numbers that may be ids, and texts that may be.
    assert_eq!(ids("nr,who,a\n7,s1,0.5\n9,s2,0.7\n"), Ids::Either(1, 0));
    assert_eq!(ids("id,who,a\n1,s1,0.5\n2,s2,0.7\n"), Ids::Either(1, 0));
}

#[test]
fn what_is_no_measurement_is_set_aside() {
    let cases = [
        ("s,a,cell type,b\nx,1,T,2\ny,3,B,4\n", "iv-v"),
        (
            "s,a,nCount_RNA,percent.mt,seurat_clusters\nx,1,500,0.5,3\ny,3,700,0.1,4\n",
            "iv---",
        ),
        ("s,a,cluster,batch\nx,1,1,2\ny,3,2,1\n", "iv--"),
        ("s,a,cluster\nx,1,0.5\ny,3,2\n", "ivv"),
        ("s,a,index\nx,1,1\ny,3,2\n", "iv-"),
        ("s,a,index\nx,1,4\ny,3,2\n", "ivv"),
        ("s,a,b,Total\nx,1,2,3\ny,3,4,7\n", "ivv-"),
        ("s,a,b\nx,1,\ny,3,NA\n", "ivv"),
        // Numbers in whatever form are no text, and a single number shows that a column is meant to hold them.
        ("s,a,b\nx,1,1'046\ny,3,12%\n", "ivv"),
        ("s,a,b\nx,1,high\ny,3,2\n", "ivv"),
        // Nothing but text: its cells are told.
        ("s,a,b\nx,T,B\ny,B,T\n", "ivv"),
        (
            "Geneid,Chr,Start,End,Strand,Length,s1.bam\nG1,1,5,9,+,4,7\nG2,1,6,9,+,3,8\n",
            "i-----v",
        ),
    ];
    for (table, expected) in cases {
        assert_eq!(roles(table), expected, "{table}");
    }
}

#[test]
fn long_tables_are_told_from_wide_ones() {
    let long = |table: &str| {
        let text = text(table);
        Look::new(&text.names, &text.rows).long()
    };
    let by_sample = "sample,feature,value\ns1,CD3,1\ns1,CD4,2\ns2,CD3,3\ns2,CD4,4\n";
    assert_eq!(long(by_sample), Some([0, 1, 2]));
    let by_gene = "gene,cell,count\nA,s1,1\nA,s2,2\nB,s1,3\nB,s3,4\n";
    assert_eq!(long(by_gene), Some([1, 0, 2]));
    let numbered =
        ",patient,protein,unit,value\n1,7,CD3,mg,1\n2,7,CD4,mg,2\n3,9,CD3,mg,3\n4,9,CD4,mg,4\n";
    assert_eq!(long(numbered), Some([1, 2, 4]));
    let two = "sample,gene,count,tpm\ns1,A,1,0.1\ns1,B,2,0.2\ns2,A,3,0.3\ns2,B,4,0.4\n";
    assert_eq!(long(two), Some([0, 1, 2]));
    for wide in [
        "sample,a,b\ns1,1,2\ns2,3,4\ns3,5,6\ns4,7,8\n",
        "sample,type,a\ns1,T,2\ns2,T,4\ns3,B,6\ns4,B,8\n",
        "patient,visit,a,b\n7,v1,1,2\n7,v2,3,4\n9,v1,5,6\n9,v2,7,8\n",
    ] {
        assert_eq!(long(wide), None, "{wide}");
    }
}

// What a Java program sees: InetAddress through the C library, and the JDK's own DNS client (JNDI).

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.stream.Collectors;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

class Lookup {
    public static void main(String[] names) throws Exception {
        for (String name : names) {
            System.out.println(name + " " + addresses(name));
        }
        var settings = new Hashtable<String, String>();
        settings.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
        Attribute records = new InitialDirContext(settings)
                .getAttributes("_pg._tcp.pg.db.svc.cluster.local", new String[] {"SRV"}).get("SRV");
        for (int i = 0; i < records.size(); i++) {
            System.out.println("SRV " + records.get(i));
        }
    }

    static String addresses(String name) {
        try {
            return Arrays.stream(InetAddress.getAllByName(name)).map(InetAddress::getHostAddress).sorted()
                    .collect(Collectors.joining(" "));
        } catch (UnknownHostException error) {
            return "UnknownHostException";
        }
    }
}
